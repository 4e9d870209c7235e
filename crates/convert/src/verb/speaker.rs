//! Says what a conversion does while it does it.

use std::cell::RefCell;

use convert::event::{Event, Observer};
use lab::app::App;
use lab::report::{self, Progress, count, duration};

/// A line on stdout when a step begins and when it ends, its progress and notes on stderr. Programs
/// that read JSON get the notes alone.
pub struct Speaker<'a> {
    app: &'a App,
    bar: RefCell<Option<Progress>>,
}

impl<'a> Speaker<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app, bar: RefCell::new(None) }
    }

    fn say(&self, text: &str) {
        // A reader that went away does not end a conversion.
        let say = || self.app.say(report::truncate(text));
        let _ = match &*self.bar.borrow() {
            Some(bar) => bar.suspend(say),
            None => say(),
        };
    }
}

impl Observer for Speaker<'_> {
    fn tell(&self, event: Event) {
        match event {
            Event::Begins(step) => {
                self.say(&format!("  {step} …"));
                self.bar.replace(Some(Progress::spinner(step)));
            }
            Event::Ended(step, said, elapsed) => {
                self.bar.replace(None);
                let elapsed = duration(elapsed);
                self.say(&format!("{} {step:<9} {elapsed:>8}  {said}", report::mark(true)));
            }
            Event::Progress(done, all) => {
                if let Some(bar) = &*self.bar.borrow() {
                    bar.message(format!("{} of {}", count(done), count(all)));
                }
            }
            Event::Note(note) => match &*self.bar.borrow() {
                Some(bar) => bar.suspend(|| report::note(&note)),
                None => report::note(&note),
            },
        }
    }
}
