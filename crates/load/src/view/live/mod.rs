//! The live view on a terminal.

mod draw;
mod frame;
mod graph;
mod numbers;
mod partitions;

use std::io::{self, Stderr};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};

use lab::{Context, Result};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::execute;
use ratatui::crossterm::style::force_color_output;
use ratatui::crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use ratatui::style::Color;

pub use frame::{End, Frame, Status};

/// The view: it has the terminal until it is dropped, which gives the screen back.
///
/// A thread of its own draws, so a slow terminal delays no insert. The terminal stays in its
/// usual mode: Ctrl-C is still SIGINT.
#[derive(Debug)]
pub struct Live {
    /// `None` once the view is being closed.
    frames: Option<SyncSender<Frame>>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Takes over the terminal on stderr; call it only when stderr is one.
    pub fn start() -> Result<Self> {
        let colors = console::colors_enabled_stderr();
        // `NO_COLOR` would silence crossterm even under `--color always`.
        force_color_output(colors);
        let (frames, waiting) = mpsc::sync_channel(1);
        let mut screen = Screen::open(colors).context(|| "cannot draw on the terminal")?;
        let thread = thread::Builder::new()
            .name("live view".to_owned())
            .spawn(move || screen.show(&waiting))
            .context(|| "cannot start a thread for the live view")?;
        Ok(Self { frames: Some(frames), thread: Some(thread) })
    }

    /// Shows this from now on; returns at once. While the terminal takes nothing, frames are left
    /// out.
    pub fn show(&self, frame: Frame) {
        if let Some(frames) = &self.frames {
            // The next one comes soon; and a view that cannot draw any more is no reason to end
            // the load.
            let _ = frames.try_send(frame);
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.frames = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The alternate screen without a cursor; its `Drop` restores what was there before.
struct Screen {
    terminal: Terminal<CrosstermBackend<Stderr>>,
    colors: bool,
}

impl Screen {
    fn open(colors: bool) -> io::Result<Self> {
        let mut terminal = Terminal::new(CrosstermBackend::new(io::stderr()))?;
        // Not `Terminal::clear`, which asks the terminal where the cursor is: the answer would be
        // typed into our standard input.
        execute!(terminal.backend_mut(), EnterAlternateScreen, Clear(ClearType::All))?;
        let mut screen = Self { terminal, colors };
        screen.terminal.hide_cursor()?;
        Ok(screen)
    }

    /// Draws frames until nobody sends any more.
    fn show(&mut self, frames: &Receiver<Frame>) {
        while let Ok(frame) = frames.recv() {
            let drawn = self.terminal.draw(|canvas| {
                draw::draw(canvas, &frame);
                if !self.colors {
                    remove_colors(canvas.buffer_mut());
                }
            });
            if drawn.is_err() {
                break;
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Where this fails, there is no terminal left to restore.
        let _ = execute!(self.terminal.backend_mut(), LeaveAlternateScreen);
        let _ = self.terminal.show_cursor();
        let _ = self.terminal.backend_mut().flush();
    }
}

fn remove_colors(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        cell.set_fg(Color::Reset).set_bg(Color::Reset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::example;

    #[test]
    fn a_terminal_that_takes_nothing_delays_nobody_and_costs_no_memory() {
        let (frames, waiting) = mpsc::sync_channel(1);
        let live = Live { frames: Some(frames), thread: None };
        let frame = Frame::of(&example::small(), &draw::tests::status());
        for _ in 0..1_000 {
            live.show(frame.clone());
        }
        drop(live);
        assert_eq!(waiting.iter().count(), 1);
    }

    #[test]
    fn without_colours_no_cell_has_one() {
        let mut terminal = draw::tests::terminal(80, 24, &example::large());
        let buffer = terminal.backend_mut().buffer().clone();
        assert!(buffer.content.iter().any(|cell| cell.fg != Color::Reset));
        let mut plain = buffer;
        remove_colors(&mut plain);
        assert!(plain.content.iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset));
    }
}
