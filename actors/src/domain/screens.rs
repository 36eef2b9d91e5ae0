//! What each screen says and which buttons it has: facts in, [`View`](super::view::View) out.

pub mod gallery;
pub mod menu;
pub mod result;
pub mod studio;

use super::{
    action::{Action, Press},
    text::Text,
    view::{Button, Does, Style},
};

/// A button whose answer takes the place of its message.
pub(crate) fn button(key: &'static str, action: Action) -> Button {
    labelled(Text::new(key), action)
}

/// The same with a label that has values in it.
pub(crate) fn labelled(label: Text, action: Action) -> Button {
    Button { label, does: Does::Press(action.into()), style: Style::Plain }
}

/// A button whose answer is a new message: its own stays as it is.
pub(crate) fn fresh(key: &'static str, action: Action) -> Button {
    let press = Press { action, fresh: true };
    Button { label: Text::new(key), does: Does::Press(press), style: Style::Plain }
}

/// The last row of every screen below home.
pub(crate) fn way_out() -> Vec<Button> {
    vec![button("b-back", Action::Back), button("b-home", Action::Home)]
}

/// Marks what is chosen.
pub(crate) fn choice(label: Text, chosen: bool, action: Action) -> Button {
    if chosen {
        labelled(Text::new("b-chosen").with("label", label), action)
    } else {
        labelled(label, action)
    }
}
