//! What is told to Telegram once per start: the list of commands, in each language.

use aisha_actors::domain::text::{Language, Text};
use frankenstein::{AsyncTelegramApi, methods::SetMyCommandsParams, types::BotCommand};

use super::{BotName, Client, Error, Words};
use crate::outgoing::Backoff;

/// The commands, in the order of the menu, with the sentences that describe them.
pub const COMMANDS: [(&str, Text); 8] = [
    ("start", Text::new("command-start")),
    ("imagine", Text::new("command-imagine")),
    ("gallery", Text::new("command-gallery")),
    ("balance", Text::new("command-balance")),
    ("settings", Text::new("command-settings")),
    ("language", Text::new("command-language")),
    ("cancel", Text::new("command-cancel")),
    ("help", Text::new("command-help")),
];

/// Telegram's limit of a description.
const DESCRIPTION_UNITS_MAX: usize = 256;

/// Learns the bot's name and sets the command list: English for everybody, Russian for those whose
/// Telegram speaks it. Tries until it works; may be dropped at any time.
pub async fn introduce(client: &Client, name: &BotName, words: &Words, mut backoff: Backoff) {
    loop {
        match try_to(client, name, words).await {
            Ok(()) => return,
            Err(error) => {
                let wait = backoff.grow();
                tracing::warn!("the command list is not set yet, again in {wait:?}: {error}");
                tokio::time::sleep(wait).await;
            }
        }
    }
}

async fn try_to(client: &Client, name: &BotName, words: &Words) -> Result<(), Error> {
    let me = client.get_me().await?.result;
    if let Some(username) = me.username {
        name.learn(&username);
    }
    for language in Language::ALL {
        let commands = COMMANDS
            .iter()
            .map(|(command, text)| {
                let description = words.plain(text, language, DESCRIPTION_UNITS_MAX);
                BotCommand::builder().command(*command).description(description).build()
            })
            .collect::<Vec<_>>();
        let code = match language {
            Language::En => None,
            other => Some(other.code()),
        };
        let params =
            SetMyCommandsParams::builder().commands(commands).maybe_language_code(code).build();
        client.set_my_commands(&params).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telegram::fake::BotApi;

    #[tokio::test]
    async fn sets_the_list_in_each_language_however_long_it_takes() {
        let api = BotApi::start().await;
        api.next_answers("getMe", [(502, serde_json::json!("bad gateway"))]);
        let (name, words) = (BotName::default(), Words::new());
        let backoff = Backoff::new(std::time::Duration::ZERO, std::time::Duration::ZERO);
        introduce(&api.client(), &name, &words, backoff).await;
        assert_eq!(name.known(), Some("aisha_bot"));
        let calls = api.calls_of("setMyCommands");
        assert_eq!(calls.len(), 2);
        assert!(calls[0].get("language_code").is_none());
        assert_eq!(calls[1]["language_code"], "ru");
        for call in &calls {
            assert_eq!(call["commands"].as_array().map(Vec::len), Some(COMMANDS.len()));
            assert!(!call.to_string().contains("[command"), "{call}");
        }
    }
}
