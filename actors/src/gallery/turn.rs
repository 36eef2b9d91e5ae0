//! A turn: one update in, changes committed once, a reply out.

mod browse;
mod order;

use super::{
    Deps, Error, Known, Packed,
    screen::{self, Stage},
    window::{self, Anchor, Found},
};
use crate::{
    ask::ask,
    domain::{
        action::{Action, Press},
        catalogue::Model,
        change::{Change, Changes, Refusal},
        conversation::{Conversation, Screen, parse_dates},
        id::{MessageId, PictureId, UserId},
        ledger::Refused,
        picture::Filters,
        screens::{gallery as gallery_screens, menu, studio},
        text::{Language, Text},
        update::{Input, Pressed, Update},
        view::{Answer, Reply, Show, View},
    },
    ledger::{self, GrantWelcome},
    port,
};

/// How long a turn waits for an actor below.
const BELOW: std::time::Duration = std::time::Duration::from_secs(4);

/// What the chat will show.
pub(super) enum Target {
    /// The screen that the conversation stands on.
    Screen,
    View(View),
    Original(PictureId),
    /// The pressed message goes away.
    Close,
    Nothing,
}

/// A turn under way: copies of what is known, and what they will change.
pub(super) struct Turn<'a> {
    pub deps: &'a Deps,
    pub user: UserId,
    pub known: Known,
    changes: Vec<Change>,
    /// Where the gallery was opened, and of which version it was thought to be: pictures come without
    /// the gallery's doing.
    pub opened: Option<(Anchor, i64)>,
    /// Whether the conversation was stored with a ledger's commit already.
    stored: bool,
    pub is_new: bool,
    note: Option<(Text, bool)>,
    pressed: Option<Pressed>,
    fresh: bool,
}

/// Takes an update. Gives back what is known afterwards (None: read it again), and the answer.
pub(super) async fn take(
    deps: &Deps,
    user: UserId,
    known: Option<Packed>,
    update: Update,
) -> (Option<Packed>, Result<Option<Reply>, Error>) {
    if update.input == Input::Ignored {
        return (known, Ok(None));
    }
    match try_take(deps, user, known, update).await {
        Ok((known, reply)) => (Packed::new(&known), Ok(reply)),
        // What was decided on copies is forgotten; the next turn reads the rows.
        Err(error) => (None, Err(error)),
    }
}

async fn try_take(
    deps: &Deps,
    user: UserId,
    known: Option<Packed>,
    update: Update,
) -> Result<(Known, Option<Reply>), Error> {
    let (known, is_new) = match known.and_then(Packed::open) {
        Some(known) => (known, false),
        None => read(deps, &update).await?,
    };
    let mut turn = Turn {
        deps,
        user,
        known,
        changes: Vec::new(),
        opened: None,
        stored: false,
        is_new,
        note: None,
        pressed: None,
        fresh: true,
    };
    let before = turn.known.conversation.clone();
    turn.notice_person(&update);
    let target = turn.decide(update.input).await?;
    if matches!(target, Target::Screen) {
        screen::prepare(&mut turn, &before).await?;
    }
    turn.commit(&before).await?;
    turn.open_again(&before).await?;
    let reply = turn.reply(target).await?;
    Ok((turn.known, reply))
}

/// Reads the person; registers them if this is their first update. Safe against two at once.
async fn read(deps: &Deps, update: &Update) -> Result<(Known, bool), Error> {
    let user = update.from.id;
    let store = &deps.ports.store;
    if let Some(standing) = store.standing(user).await? {
        return Ok((known(standing), false));
    }
    let at = deps.ports.clock.now();
    let register = Change::Register { profile: update.from.clone(), at };
    let welcome = deps.shop.terms.welcome;
    if welcome.0 > 0 && !user.is_group() {
        let grant = GrantWelcome { user, amount: welcome, also: vec![register] };
        match ask(&deps.ledger, grant, BELOW).await? {
            Ok(_) | Err(ledger::Error::Refused(Refusal::Ledger(Refused::Repeated))) => {}
            Err(error) => return Err(error.into()),
        }
    } else {
        store.commit(vec![Changes::new(user, vec![register])]).await?;
    }
    let standing = store.standing(user).await?;
    let standing = standing.ok_or_else(|| port::Error::transient("registered, but not there"))?;
    Ok((known(standing), true))
}

fn known(standing: port::Standing) -> Known {
    let port::Standing { person, conversation } = standing;
    Known { person, conversation, window: None }
}

impl Turn<'_> {
    pub(super) fn conversation(&mut self) -> &mut Conversation {
        &mut self.known.conversation
    }

    /// The gallery's card at an anchor, as of the version that is known.
    pub(super) async fn open_gallery(&mut self, anchor: Anchor) -> Result<Option<Found>, Error> {
        let conversation = &self.known.conversation;
        let now = self.deps.ports.clock.now();
        let selection = conversation.filters.resolve(now, conversation.offset);
        let version = self.known.person.gallery_version;
        self.opened = Some((anchor, version));
        let view = window::View {
            ports: &self.deps.ports,
            user: self.user,
            selection: &selection,
            version,
        };
        Ok(view.open(&mut self.known.window, anchor).await?)
    }

    /// Where an arrow led is decided before the commit, which tells how new the gallery is. If pictures
    /// came or went since the window was read, the arrow means the gallery as it is now.
    async fn open_again(&mut self, before: &Conversation) -> Result<(), Error> {
        let known = self.known.person.gallery_version;
        let Some((anchor, _)) = self.opened.filter(|(_, version)| *version != known) else {
            return Ok(());
        };
        let found = self.open_gallery(anchor).await?;
        let cursor = found.map(|found| found.card.place.picture());
        if *self.known.conversation.screen() != Screen::Gallery(cursor) {
            self.conversation().go(Screen::Gallery(cursor));
            self.commit(before).await?;
        }
        Ok(())
    }

    pub(super) fn language(&self) -> Language {
        let chosen = self.known.conversation.language;
        chosen.unwrap_or_else(|| self.known.person.profile.language())
    }

    /// Keeps what Telegram says about the person, and that they are back.
    fn notice_person(&mut self, update: &Update) {
        let person = &mut self.known.person;
        let from_operator = update.input.is_operators();
        if !from_operator && person.profile != update.from {
            person.profile = update.from.clone();
            self.changes.push(Change::SaveProfile(update.from.clone()));
        }
        if person.stopped && !matches!(update.input, Input::Blocked(_)) && !from_operator {
            person.stopped = false;
            self.changes.push(Change::SetStopped(false));
        }
    }

    async fn decide(&mut self, input: Input) -> Result<Target, Error> {
        if let Input::Pressed(pressed) = &input {
            self.fresh = pressed.press.as_ref().is_some_and(|press| press.fresh);
            self.pressed = Some(pressed.clone());
        }
        match input {
            Input::Ignored => return Ok(Target::Nothing),
            Input::Blocked(stopped) => {
                self.known.person.stopped = stopped;
                self.changes.push(Change::SetStopped(stopped));
                return Ok(Target::Nothing);
            }
            Input::OperatorBlocked(blocked) => {
                self.known.person.blocked = blocked;
                self.changes.push(Change::SetBlocked(blocked));
                return Ok(Target::Nothing);
            }
            Input::OperatorCancelled(id) => return self.end(id, false).await,
            Input::OperatorReleased(id) => return self.end(id, true).await,
            Input::InGroup if self.is_new => return Ok(Target::View(menu::group())),
            Input::InGroup => return Ok(Target::Nothing),
            _ if self.user.is_group() => return Ok(Target::Nothing),
            _ if self.known.person.blocked => {
                self.fresh = true;
                return Ok(Target::View(menu::blocked(&self.deps.shop.terms.contact)));
            }
            Input::Said(_) | Input::Command { .. } | Input::Unreadable | Input::Pressed(_) => {}
        }
        match input {
            Input::Said(words) => self.said(&words),
            Input::Command { name, argument } => self.command(&name, &argument).await,
            Input::Pressed(Pressed { press: Some(Press { action, .. }), .. }) => {
                self.act(action).await
            }
            Input::Pressed(_) => {
                self.note = Some((Text::new("note-old-button"), true));
                self.fresh = true;
                self.conversation().go(Screen::Home);
                Ok(Target::Screen)
            }
            _ => Ok(Target::View(menu::note(Text::new("unreadable")))),
        }
    }

    fn said(&mut self, words: &str) -> Result<Target, Error> {
        if *self.known.conversation.screen() == Screen::CustomDates {
            return Ok(self.take_dates(words));
        }
        Ok(self.take_prompt(words))
    }

    fn take_dates(&mut self, words: &str) -> Target {
        let Some(dates) = parse_dates(words) else {
            let now = self.deps.ports.clock.now();
            let today = self.known.conversation.offset.local(now).date();
            return Target::View(gallery_screens::custom_dates(today, true));
        };
        let filters = Filters { dates: Some(dates), ..self.known.conversation.filters.clone() };
        self.conversation().filter(filters);
        self.conversation().go(Screen::Gallery(None));
        Target::Screen
    }

    /// Words that are not awaited elsewhere are a prompt: nothing is spent before the quote's button.
    fn take_prompt(&mut self, words: &str) -> Target {
        if self.deps.shop.is_closed() {
            return Target::View(menu::maintenance());
        }
        let Some(model) = self.offered() else {
            return Target::View(menu::note(Text::new("nothing-for-sale")));
        };
        let prompt: String =
            words.trim().chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let length = prompt.chars().count();
        if length < model.prompt_min || length > model.prompt_max {
            return Target::View(studio::prompt_refused(&model, length));
        }
        let conversation = self.conversation();
        conversation.draft.prompt = Some(prompt);
        let guided = *conversation.screen() == Screen::Prompt && !conversation.came_from_quote();
        if guided {
            conversation.open(Screen::Ratios);
        } else {
            conversation.go(Screen::Quote);
        }
        Target::Screen
    }

    /// The model for the next generation: the wanted one, or its successor.
    pub(super) fn offered(&self) -> Option<Model> {
        let catalogue = self.deps.shop.catalogue();
        match &self.known.conversation.draft.model {
            Some(wanted) => catalogue.offer(wanted).cloned(),
            None => {
                let first = catalogue.all().first()?;
                catalogue.offer(&first.id).cloned()
            }
        }
    }

    async fn command(&mut self, name: &str, argument: &str) -> Result<Target, Error> {
        let left_a_step = !self.known.conversation.stack.is_empty();
        let screen = match name {
            "start" | "menu" => Screen::Home,
            "help" => Screen::Help,
            "balance" => Screen::Balance,
            "gallery" => Screen::Gallery(None),
            "imagine" => Screen::Prompt,
            "language" => Screen::Languages,
            "settings" => Screen::Settings,
            "cancel" => {
                self.conversation().go(Screen::Home);
                let open = self.deps.ports.store.open_generations_of(self.user).await?;
                return Ok(Target::View(menu::cancel(left_a_step, &open)));
            }
            "crash" if self.deps.shop.terms.crash_command => crash(self.user),
            _ => return Ok(Target::View(menu::note(Text::new("unknown-command")))),
        };
        self.conversation().go(Screen::Home);
        if screen == Screen::Prompt && self.deps.shop.is_closed() {
            return Ok(Target::View(menu::maintenance()));
        }
        if screen == Screen::Prompt && !argument.trim().is_empty() {
            return Ok(self.take_prompt(argument));
        }
        self.conversation().go(screen);
        Ok(Target::Screen)
    }

    /// What a button asks for.
    async fn act(&mut self, action: Action) -> Result<Target, Error> {
        match action {
            Action::Home => Ok(self.go(Screen::Home)),
            Action::Back => {
                self.conversation().back();
                Ok(Target::Screen)
            }
            Action::Help => Ok(self.go(Screen::Help)),
            Action::Balance => Ok(self.go(Screen::Balance)),
            Action::History(before) => Ok(self.go(Screen::History { before })),
            Action::Settings => Ok(self.go(Screen::Settings)),
            Action::Languages => Ok(self.go(Screen::Languages)),
            Action::TimeZones => Ok(self.go(Screen::TimeZones)),
            Action::SetLanguage(language) => {
                self.conversation().language = Some(language);
                self.note = Some((Text::new("note-saved"), false));
                Ok(self.leave(&Screen::Languages))
            }
            Action::SetTimeZone(offset) => {
                self.conversation().offset = offset;
                self.note = Some((Text::new("note-saved"), false));
                Ok(self.leave(&Screen::TimeZones))
            }
            Action::Imagine | Action::Again(_) if self.deps.shop.is_closed() => {
                Ok(Target::View(menu::maintenance()))
            }
            Action::Imagine => Ok(self.go(Screen::Prompt)),
            Action::EditPrompt => Ok(self.open_setting(Screen::Prompt)),
            Action::Models => Ok(self.open_setting(Screen::Models)),
            Action::Ratios => Ok(self.open_setting(Screen::Ratios)),
            Action::Counts => Ok(self.open_setting(Screen::Counts)),
            Action::Resolutions => Ok(self.open_setting(Screen::Resolutions)),
            Action::PickModel(id) => {
                self.conversation().draft.model = Some(id);
                Ok(self.leave(&Screen::Models))
            }
            Action::PickRatio(name) => {
                self.conversation().draft.ratio = Some(name);
                let next = self.offered().is_some_and(|model| model.count_max > 1);
                Ok(self.picked(if next { Screen::Counts } else { Screen::Quote }))
            }
            Action::PickCount(count) => {
                self.conversation().draft.count = Some(count);
                Ok(self.picked(Screen::Quote))
            }
            Action::PickResolution(name) => {
                self.conversation().draft.resolution = Some(name);
                Ok(self.picked(Screen::Quote))
            }
            Action::Quote => Ok(self.go(Screen::Quote)),
            Action::Confirm(intent) => self.confirm(intent).await,
            Action::Watch(id) => Ok(self.go(Screen::Progress(id))),
            Action::Cancel(id) => self.cancel(id).await,
            Action::Nothing => {
                self.note = Some((Text::new("note-counter"), false));
                Ok(Target::Nothing)
            }
            Action::Close => Ok(Target::Close),
            action => self.act_on_gallery(action).await,
        }
    }

    fn go(&mut self, screen: Screen) -> Target {
        self.conversation().go(screen);
        Target::Screen
    }

    /// Opens a setting; from the quote so that it leads back there.
    fn open_setting(&mut self, screen: Screen) -> Target {
        let conversation = self.conversation();
        if *conversation.screen() == Screen::Quote {
            conversation.open(screen);
        } else {
            conversation.go(screen);
        }
        Target::Screen
    }

    /// A setting was picked: back to the quote it was opened from, else the next step.
    fn picked(&mut self, next: Screen) -> Target {
        let conversation = self.conversation();
        let is_step =
            matches!(conversation.screen(), Screen::Ratios | Screen::Counts | Screen::Resolutions);
        if conversation.draft.prompt.is_none() {
            conversation.go(Screen::Prompt);
        } else if is_step && conversation.came_from_quote() {
            conversation.back();
        } else if is_step {
            conversation.open(next);
        } else {
            conversation.go(Screen::Quote);
        }
        Target::Screen
    }

    /// A choice was made: back to where the choice was opened.
    fn leave(&mut self, choice: &Screen) -> Target {
        if self.known.conversation.screen() == choice {
            self.conversation().back();
        }
        Target::Screen
    }

    fn filter(&mut self, change: impl FnOnce(&mut Filters)) -> Target {
        let mut filters = self.known.conversation.filters.clone();
        change(&mut filters);
        self.conversation().filter(filters);
        self.go(Screen::Filters)
    }

    async fn commit(&mut self, before: &Conversation) -> Result<(), Error> {
        // A gallery is shown as of the version that a commit tells: a new picture is seen at once.
        let shows_gallery =
            matches!(self.known.conversation.screen(), Screen::Gallery(_) | Screen::Filters);
        if (self.known.conversation != *before || shows_gallery) && !self.stored {
            let conversation = Box::new(self.known.conversation.clone());
            self.changes.push(Change::SaveConversation(conversation));
        }
        if self.changes.is_empty() {
            return Ok(());
        }
        let changes = Changes::new(self.user, std::mem::take(&mut self.changes));
        let answer = self.deps.ports.store.commit_one(changes).await?;
        let committed =
            answer.map_err(|refusal| port::Error::new(port::Kind::Conflict, refusal))?;
        self.known.person.gallery_version = committed.gallery_version;
        Ok(())
    }

    async fn reply(&mut self, target: Target) -> Result<Option<Reply>, Error> {
        let view = match target {
            Target::Screen => Some(Stage::view(self).await?),
            Target::View(view) => Some(view),
            Target::Original(id) => return Ok(Some(self.say(Some(Show::Original(id))))),
            Target::Close => {
                let show = self.pressed_message().map(|(message, _)| Show::Delete(message));
                return Ok(Some(self.say(show)));
            }
            Target::Nothing if self.pressed.is_none() => return Ok(None),
            Target::Nothing => None,
        };
        let show = view.map(|view| match self.pressed_message() {
            Some((message, has_media)) if !self.fresh => Show::Edit { message, has_media, view },
            _ => Show::New(view),
        });
        Ok(Some(self.say(show)))
    }

    fn pressed_message(&self) -> Option<(MessageId, bool)> {
        let pressed = self.pressed.as_ref()?;
        Some((pressed.message?, pressed.has_media))
    }

    fn say(&mut self, show: Option<Show>) -> Reply {
        let (text, alert) = match self.note.take() {
            Some((text, alert)) => (Some(text), alert),
            None => (None, false),
        };
        let pressed = self.pressed.as_ref();
        let answer = pressed.map(|pressed| Answer { query: pressed.query.clone(), text, alert });
        Reply { language: self.language(), answer, show }
    }
}

/// The one deliberate panic outside tests: a person crashes their own gallery to see it heal.
#[expect(clippy::panic, reason = "`/crash` is there to panic; it is off unless asked for")]
fn crash(user: UserId) -> ! {
    panic!("/crash by user {user}");
}
