//! Dates and times as bounds write them: PostgreSQL's `ISO` date style, which every setting of
//! `DateStyle` reads the same way.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// `2024-01-31`; `0044-03-15 BC` before the year 1.
pub(super) fn date(date: Date) -> String {
    let (digits, era) = year(date);
    format!("{digits}-{:02}-{:02}{era}", date.month(), date.day())
}

/// `2024-01-31 23:00:00`.
pub(super) fn datetime(datetime: DateTime) -> String {
    written(datetime, "")
}

/// `2024-01-31 23:00:00+01:00`: the same moment whatever the server's time zone.
pub(super) fn with_offset(datetime: DateTime, offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) =
        (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    // Before standard time, places had the time of their longitude, to the second.
    let rest = if rest == 0 { String::new() } else { format!(":{rest:02}") };
    written(datetime, &format!("{sign}{hours:02}:{minutes:02}{rest}"))
}

fn written(datetime: DateTime, offset: &str) -> String {
    let (digits, era) = year(datetime.date());
    let micro = datetime.subsec_nanosecond() / 1_000;
    let fraction = if micro == 0 { String::new() } else { format!(".{micro:06}") };
    format!(
        "{digits}-{:02}-{:02} {:02}:{:02}:{:02}{fraction}{offset}{era}",
        datetime.month(),
        datetime.day(),
        datetime.hour(),
        datetime.minute(),
        datetime.second()
    )
}

fn year(date: Date) -> (String, &'static str) {
    let year = date.year();
    if year > 0 { (format!("{year:04}"), "") } else { (format!("{:04}", 1 - year), " BC") }
}

/// What a literal says.
pub(super) struct Moment {
    pub(super) datetime: DateTime,
    pub(super) offset: Option<Offset>,
}

/// Reads `2024-01-31`, `2024-01-31 23:00:00.5`, `2024-01-31 23:00:00+05:30`, and each with ` BC`.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let (text, before_christ) = match text.strip_suffix(" BC") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (day, clock) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let mut parts = day.splitn(3, '-');
    let year: i16 = parts.next()?.parse().ok()?;
    let year = if before_christ { 1 - year } else { year };
    let (month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let date = Date::new(year, month, day).ok()?;
    let (clock, offset) = match clock.find(['+', '-', 'Z']) {
        Some(at) => (&clock[..at], Some(read_offset(&clock[at..])?)),
        None => (clock, None),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let second = parts.next().unwrap_or("0").parse().ok()?;
    let nano: i32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let time = Time::new(hour, minute, second, nano).ok()?;
    Some(Moment { datetime: date.to_datetime(time), offset })
}

/// `Z`, `+01`, `-03:30`, `+00:53:28`.
fn read_offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut seconds = 0;
    for (n, part) in text.get(1..)?.split(':').enumerate() {
        let part: i32 = part.parse().ok()?;
        seconds += part * [3600, 60, 1].get(n)?;
    }
    Offset::from_seconds(sign * seconds).ok()
}
