"""The small bot on aiogram. What it does is said in drive.py; `bot_aiogram.py polling|webhook`."""

import asyncio
import json
import signal

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from bot import API, FIRST, MODE, SECOND, SECRET, TOKEN, UNKNOWN_MESSAGE, UNREACHABLE, sha256, tell

bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(API)))
dispatcher = Dispatcher()


def keyboard(*buttons):
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data)] for text, data in buttons]
    )


async def attempt(call):
    try:
        await call
    except TelegramAPIError as error:
        return [type(error).__name__, error.message]
    return ["accepted", ""]


@dispatcher.message(CommandStart())
async def start(message: Message):
    await bot.set_my_commands([BotCommand(command="start", description="Begin"), BotCommand(command="say", description="Say it")])
    await message.answer(
        f"Hello, <b>{message.from_user.first_name}</b>!",
        parse_mode="HTML",
        reply_markup=keyboard(("Count 0", "count:0"), ("Alert", "alert"), ("Photo", "photo"), ("Album", "album"), ("Leave", "leave")),
    )


@dispatcher.message(Command("say"))
async def say(message: Message, command: CommandObject):
    await message.answer(command.args)


@dispatcher.message(Command("refusals"))
async def refusals(message: Message):
    await message.answer("Try me", reply_markup=keyboard(("Refuse", "refuse"), ("Flood", "flood")))


@dispatcher.message(F.photo)
async def photo_came(message: Message):
    file = await bot.get_file(message.photo[-1].file_id)
    data = (await bot.download_file(file.file_path)).read()
    await message.reply(f"sha256 {sha256(data)}")
    await message.answer_document(BufferedInputFile(data, "back.png"), caption="back")
    await message.answer_photo(bot.session.api.file_url(TOKEN, file.file_path), caption="by address")


@dispatcher.callback_query(F.data.startswith("count:"))
async def count(query: CallbackQuery):
    n = int(query.data.removeprefix("count:")) + 1
    await query.answer(f"Counted {n}")
    await query.message.edit_text(f"Pressed {n}", reply_markup=keyboard((f"Count {n}", f"count:{n}")))


@dispatcher.callback_query(F.data == "alert")
async def alert(query: CallbackQuery):
    await query.answer("Look here", show_alert=True)


@dispatcher.callback_query(F.data == "leave")
async def leave(query: CallbackQuery):
    await query.answer()
    await query.message.delete()


@dispatcher.callback_query(F.data == "photo")
async def photo(query: CallbackQuery):
    await query.answer()
    await query.message.answer_photo(BufferedInputFile(FIRST, "first.png"), caption="first", reply_markup=keyboard(("Swap", "swap")))


@dispatcher.callback_query(F.data == "swap")
async def swap(query: CallbackQuery):
    await query.answer()
    media = InputMediaPhoto(media=BufferedInputFile(SECOND, "second.png"), caption="second")
    edited = await query.message.edit_media(media, reply_markup=keyboard(("Swapped", "swapped")))
    data = (await bot.download(edited.photo[-1])).read()
    await query.message.answer("downloaded the same" if data == SECOND else "downloaded something else")


@dispatcher.callback_query(F.data == "album")
async def album(query: CallbackQuery):
    await query.answer()
    sent = await query.message.answer_media_group(
        [InputMediaPhoto(media=BufferedInputFile(FIRST, "1.png"), caption="one"), InputMediaPhoto(media=BufferedInputFile(SECOND, "2.png"))]
    )
    await query.message.answer_media_group([InputMediaPhoto(media=m.photo[-1].file_id) for m in reversed(sent)])


@dispatcher.callback_query(F.data == "refuse")
async def refuse(query: CallbackQuery):
    await query.answer()
    chat = query.message.chat.id
    report = {
        "second answer": await attempt(query.answer()),
        "edit that changes nothing": await attempt(query.message.edit_text("Try me", reply_markup=query.message.reply_markup)),
        "64 bytes of data": await attempt(bot.send_message(chat, "64", reply_markup=keyboard(("x", "x" * 64)))),
        "65 bytes of data": await attempt(bot.send_message(chat, "65", reply_markup=keyboard(("x", "x" * 65)))),
        "broken markup": await attempt(bot.send_message(chat, "*bold", parse_mode="Markdown")),
        "unknown message": await attempt(bot.edit_message_text("x", chat_id=chat, message_id=UNKNOWN_MESSAGE)),
        "unreachable photo": await attempt(bot.send_photo(chat, UNREACHABLE)),
    }
    await bot.send_message(chat, json.dumps(report))


@dispatcher.callback_query(F.data == "flood")
async def flood(query: CallbackQuery):
    await query.answer()
    try:
        await bot.send_chat_action(query.message.chat.id, "upload_photo")
        report = ["accepted", 0]
    except TelegramRetryAfter as error:
        report = [type(error).__name__, error.retry_after]
    await query.message.answer(json.dumps(report))


@dispatcher.my_chat_member()
async def member(change: ChatMemberUpdated):
    if change.new_chat_member.status == "kicked":
        tell(blocked=await attempt(bot.send_message(change.chat.id, "still there?")))


async def serve_webhook():
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=SECRET).register(app, "/hook")
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await bot.set_webhook(url, secret_token=SECRET, allowed_updates=dispatcher.resolve_used_update_types())
    tell(ready=True, webhook=url)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await runner.cleanup()
    await bot.session.close()


async def poll():
    await bot.delete_webhook()
    dispatcher.startup.register(lambda: tell(ready=True, webhook=""))
    await dispatcher.start_polling(bot)


asyncio.run(serve_webhook() if MODE == "webhook" else poll())
