"""The small bot on python-telegram-bot. What it does is said in drive.py; `bot_ptb.py polling|webhook`."""

import json
import socket

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.error import RetryAfter, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot import API, FIRST, MODE, SECOND, SECRET, TOKEN, UNKNOWN_MESSAGE, UNREACHABLE, sha256, tell


def keyboard(*buttons):
    return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=data)] for text, data in buttons])


async def attempt(call):
    try:
        await call
    except TelegramError as error:
        return [type(error).__name__, error.message]
    return ["accepted", ""]


async def start(update, context):
    await context.bot.set_my_commands([BotCommand("start", "Begin"), BotCommand("say", "Say it")])
    await update.message.reply_html(
        f"Hello, <b>{update.effective_user.first_name}</b>!",
        reply_markup=keyboard(("Count 0", "count:0"), ("Alert", "alert"), ("Photo", "photo"), ("Album", "album"), ("Leave", "leave")),
    )


async def say(update, context):
    await update.message.reply_text(" ".join(context.args))


async def refusals(update, context):
    await update.message.reply_text("Try me", reply_markup=keyboard(("Refuse", "refuse"), ("Flood", "flood")))


async def photo_came(update, context):
    file = await update.message.photo[-1].get_file()
    data = bytes(await file.download_as_bytearray())
    await update.message.reply_text(f"sha256 {sha256(data)}", do_quote=True)
    await update.message.reply_document(data, filename="back.png", caption="back")
    await update.message.reply_photo(file.file_path, caption="by address")


async def count(update, context):
    query = update.callback_query
    n = int(query.data.removeprefix("count:")) + 1
    await query.answer(f"Counted {n}")
    await query.edit_message_text(f"Pressed {n}", reply_markup=keyboard((f"Count {n}", f"count:{n}")))


async def alert(update, context):
    await update.callback_query.answer("Look here", show_alert=True)


async def leave(update, context):
    await update.callback_query.answer()
    await update.callback_query.delete_message()


async def photo(update, context):
    await update.callback_query.answer()
    await update.effective_chat.send_photo(FIRST, caption="first", filename="first.png", reply_markup=keyboard(("Swap", "swap")))


async def swap(update, context):
    query = update.callback_query
    await query.answer()
    media = InputMediaPhoto(SECOND, caption="second", filename="second.png")
    edited = await query.edit_message_media(media, reply_markup=keyboard(("Swapped", "swapped")))
    file = await edited.photo[-1].get_file()
    data = bytes(await file.download_as_bytearray())
    await update.effective_chat.send_message("downloaded the same" if data == SECOND else "downloaded something else")


async def album(update, context):
    await update.callback_query.answer()
    sent = await update.effective_chat.send_media_group([InputMediaPhoto(FIRST, caption="one"), InputMediaPhoto(SECOND)])
    await update.effective_chat.send_media_group([InputMediaPhoto(m.photo[-1].file_id) for m in reversed(sent)])


async def refuse(update, context):
    query, bot, chat = update.callback_query, context.bot, update.effective_chat.id
    await query.answer()
    report = {
        "second answer": await attempt(query.answer()),
        "edit that changes nothing": await attempt(query.edit_message_text("Try me", reply_markup=query.message.reply_markup)),
        "64 bytes of data": await attempt(bot.send_message(chat, "64", reply_markup=keyboard(("x", "x" * 64)))),
        "65 bytes of data": await attempt(bot.send_message(chat, "65", reply_markup=keyboard(("x", "x" * 65)))),
        "broken markup": await attempt(bot.send_message(chat, "*bold", parse_mode="Markdown")),
        "unknown message": await attempt(bot.edit_message_text("x", chat_id=chat, message_id=UNKNOWN_MESSAGE)),
        "unreachable photo": await attempt(bot.send_photo(chat, UNREACHABLE)),
    }
    await bot.send_message(chat, json.dumps(report))


async def flood(update, context):
    await update.callback_query.answer()
    try:
        await context.bot.send_chat_action(update.effective_chat.id, "upload_photo")
        report = ["accepted", 0]
    except RetryAfter as error:
        report = [type(error).__name__, error.retry_after]
    await update.effective_chat.send_message(json.dumps(report))


async def member(update, context):
    if update.my_chat_member.new_chat_member.status == "kicked":
        tell(blocked=await attempt(context.bot.send_message(update.effective_chat.id, "still there?")))


async def ready(application):
    # Called once the updater runs: by then the webhook is set.
    hook = await application.bot.get_webhook_info()
    tell(ready=True, webhook=hook.url)


def main():
    builder = Application.builder().token(TOKEN).base_url(f"{API}/bot").base_file_url(f"{API}/file/bot")
    app = builder.build()
    for name, handler in [("start", start), ("say", say), ("refusals", refusals)]:
        app.add_handler(CommandHandler(name, handler))
    app.add_handler(MessageHandler(filters.PHOTO, photo_came))
    app.add_handler(CallbackQueryHandler(count, pattern="^count:"))
    for handler in (alert, leave, photo, swap, album, refuse, flood):
        app.add_handler(CallbackQueryHandler(handler, pattern=f"^{handler.__name__}$"))
    app.add_handler(ChatMemberHandler(member, ChatMemberHandler.MY_CHAT_MEMBER))
    # `start` is the last step of run_polling and of run_webhook, after the updater has begun.
    begin = app.start

    async def start_and_tell():
        await begin()
        await ready(app)

    app.start = start_and_tell
    if MODE == "polling":
        app.run_polling()
        return
    # A port of one's own before the framework is asked to name it in the webhook.
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
    app.run_webhook(url_path="hook", webhook_url=url, secret_token=SECRET, unix=listener)


main()
