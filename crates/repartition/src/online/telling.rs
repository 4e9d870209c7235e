//! What the engine does, as it does it.

use convert::event::{Event, Observer};
use lab::app::App;

use crate::show;

/// Tells people each step when it ends.
pub struct Telling<'a>(pub &'a App);

impl Observer for Telling<'_> {
    fn tell(&self, event: Event) {
        let line = match event {
            Event::Ended(step, what, elapsed) => show::step(step, &what, elapsed),
            Event::Note(note) => show::note(&note),
            Event::Begins(_) | Event::Progress(..) => return,
        };
        // Nobody may be reading any more; the work goes on.
        let _ = self.0.say(line);
    }
}
