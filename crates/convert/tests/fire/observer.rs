//! Observers that do something at the points of a conversion.

use std::cell::RefCell;
use std::pin::Pin;

use convert::event::{Event, Observer, Point};
use lab::Result;

type Answer<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// Calls a function at every point, and keeps what was told.
pub struct At<'a> {
    answer: Box<dyn Fn(Point) -> Answer<'a> + 'a>,
    pub told: RefCell<Vec<Event>>,
}

impl<'a> At<'a> {
    pub fn new<F: Future<Output = Result<()>> + 'a>(answer: impl Fn(Point) -> F + 'a) -> Self {
        let answer = move |point| -> Answer<'a> { Box::pin(answer(point)) };
        Self { answer: Box::new(answer), told: RefCell::default() }
    }

    /// Does nothing.
    pub fn nothing() -> Self {
        Self::new(|_| std::future::ready(Ok(())))
    }

    /// Runs `work` once, when `point` is met first.
    pub fn once<F: Future<Output = ()> + 'a>(point: Point, work: impl FnOnce() -> F + 'a) -> Self {
        let work = RefCell::new(Some(work));
        Self::new(move |now| {
            let work = (now == point).then(|| work.borrow_mut().take()).flatten();
            let work = work.map(|work| work());
            async move {
                if let Some(work) = work {
                    work.await;
                }
                Ok(())
            }
        })
    }
}

impl Observer for At<'_> {
    fn tell(&self, event: Event) {
        self.told.borrow_mut().push(event);
    }

    fn at(&self, point: Point) -> Pin<Box<dyn Future<Output = Result<()>> + '_>> {
        (self.answer)(point)
    }
}
