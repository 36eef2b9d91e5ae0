// The small bot on grammY. What it does is said in drive.py; `bot_grammy.mjs polling|webhook`.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { info, load } from "./sandbox.mjs";

const { Bot, GrammyError, InlineKeyboard, InputFile, InputMediaBuilder, webhookCallback } = load("grammy");
const { telegram_token: token, telegram_api_url: apiRoot } = await info();
const [mode] = process.argv.slice(2);
const { BOT_FOLDER: folder, BOT_SECRET: secretToken } = process.env;
const [first, second] = ["first.png", "second.png"].map((name) => readFileSync(join(folder, name)));

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const keyboard = (...buttons) => InlineKeyboard.from(buttons.map(([text, data]) => [InlineKeyboard.text(text, data)]));
const bot = new Bot(token, { client: { apiRoot } });

async function attempt(call) {
  try {
    await call;
    return ["accepted", ""];
  } catch (error) {
    if (!(error instanceof GrammyError)) throw error;
    return [`GrammyError ${error.error_code}`, error.description];
  }
}

async function download(fileId) {
  const { file_path: path } = await bot.api.getFile(fileId);
  const address = `${apiRoot}/file/bot${token}/${path}`;
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the file answered ${answer.status}`);
  return { address, data: Buffer.from(await answer.arrayBuffer()) };
}

bot.command("start", async (context) => {
  await context.api.setMyCommands([
    { command: "start", description: "Begin" },
    { command: "say", description: "Say it" },
  ]);
  await context.reply(`Hello, <b>${context.from.first_name}</b>!`, {
    parse_mode: "HTML",
    reply_markup: keyboard(["Count 0", "count:0"], ["Alert", "alert"], ["Photo", "photo"], ["Album", "album"], ["Leave", "leave"]),
  });
});

bot.command("say", (context) => context.reply(context.match));

bot.command("refusals", (context) => context.reply("Try me", { reply_markup: keyboard(["Refuse", "refuse"], ["Flood", "flood"]) }));

bot.on("message:photo", async (context) => {
  const { address, data } = await download(context.message.photo.at(-1).file_id);
  await context.reply(`sha256 ${createHash("sha256").update(data).digest("hex")}`, {
    reply_parameters: { message_id: context.message.message_id },
  });
  await context.replyWithDocument(new InputFile(data, "back.png"), { caption: "back" });
  await context.replyWithPhoto(address, { caption: "by address" });
});

bot.callbackQuery(/^count:(\d+)$/, async (context) => {
  const n = Number(context.match[1]) + 1;
  await context.answerCallbackQuery(`Counted ${n}`);
  await context.editMessageText(`Pressed ${n}`, { reply_markup: keyboard([`Count ${n}`, `count:${n}`]) });
});

bot.callbackQuery("alert", (context) => context.answerCallbackQuery({ text: "Look here", show_alert: true }));

bot.callbackQuery("leave", async (context) => {
  await context.answerCallbackQuery();
  await context.deleteMessage();
});

bot.callbackQuery("photo", async (context) => {
  await context.answerCallbackQuery();
  await context.replyWithPhoto(new InputFile(first, "first.png"), { caption: "first", reply_markup: keyboard(["Swap", "swap"]) });
});

bot.callbackQuery("swap", async (context) => {
  await context.answerCallbackQuery();
  const media = InputMediaBuilder.photo(new InputFile(second, "second.png"), { caption: "second" });
  const edited = await context.editMessageMedia(media, { reply_markup: keyboard(["Swapped", "swapped"]) });
  const { data } = await download(edited.photo.at(-1).file_id);
  await context.reply(data.equals(second) ? "downloaded the same" : "downloaded something else");
});

bot.callbackQuery("album", async (context) => {
  await context.answerCallbackQuery();
  const sent = await context.replyWithMediaGroup([
    InputMediaBuilder.photo(new InputFile(first, "1.png"), { caption: "one" }),
    InputMediaBuilder.photo(new InputFile(second, "2.png")),
  ]);
  await context.replyWithMediaGroup(sent.reverse().map((message) => InputMediaBuilder.photo(message.photo.at(-1).file_id)));
});

bot.callbackQuery("refuse", async (context) => {
  await context.answerCallbackQuery();
  const { api, chat } = context;
  const button = (bytes) => ({ reply_markup: keyboard(["x", "x".repeat(bytes)]) });
  const report = {
    "second answer": await attempt(context.answerCallbackQuery()),
    "edit that changes nothing": await attempt(context.editMessageText("Try me", { reply_markup: context.callbackQuery.message.reply_markup })),
    "64 bytes of data": await attempt(api.sendMessage(chat.id, "64", button(64))),
    "65 bytes of data": await attempt(api.sendMessage(chat.id, "65", button(65))),
    "broken markup": await attempt(api.sendMessage(chat.id, "*bold", { parse_mode: "Markdown" })),
    "unknown message": await attempt(api.editMessageText(chat.id, 2_000_000_000, "x")),
    "unreachable photo": await attempt(api.sendPhoto(chat.id, "http://127.0.0.1:9/nothing.png")),
  };
  await context.reply(JSON.stringify(report));
});

bot.callbackQuery("flood", async (context) => {
  await context.answerCallbackQuery();
  let report = ["accepted", 0];
  try {
    await context.replyWithChatAction("upload_photo");
  } catch (error) {
    report = [`GrammyError ${error.error_code}`, error.parameters.retry_after];
  }
  await context.reply(JSON.stringify(report));
});

bot.on("my_chat_member", async (context) => {
  if (context.myChatMember.new_chat_member.status !== "kicked") return;
  tell({ blocked: await attempt(context.reply("still there?")) });
});

bot.catch((error) => console.error(error));

if (mode === "polling") {
  process.once("SIGTERM", () => bot.stop());
  await bot.start({ onStart: () => tell({ ready: true, webhook: "" }) });
} else {
  const server = createServer(webhookCallback(bot, "http", { secretToken }));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  await bot.api.setWebhook(url, { secret_token: secretToken });
  tell({ ready: true, webhook: url });
  process.once("SIGTERM", () => {
    server.close();
    server.closeAllConnections();
  });
}
