// What the page itself says, in the visitor's language. What the bot says comes from the bot.

/** Picks the plural form of `n`: English needs `one`, `other`; Russian `one`, `few`, `many`. */
function plural(language, n, forms) {
  return forms[new Intl.PluralRules(language).select(n)] ?? forms.many ?? forms.other;
}

const en = {
  accept: "OK",
  action: {
    choose_sticker: "choosing a sticker…",
    find_location: "looking for a place…",
    record_video: "recording a video…",
    record_voice: "recording a voice message…",
    typing: "typing…",
    upload_document: "sending a file…",
    upload_photo: "sending a photo…",
    upload_video: "sending a video…",
    upload_voice: "sending a voice message…",
  },
  add: "Add",
  addVisitor: "New visitor",
  album: "Album",
  allSandbox: "Everything here is a stand-in: nothing reaches Telegram, nothing costs money.",
  asFile: "Send as a file, not as a photo",
  attach: "Attach a photo or a file",
  block: "Block the bot",
  blocked: "You have blocked this bot.",
  bot: "bot",
  botSays: "Bot",
  cancel: "Cancel",
  caption: "Caption",
  close: "Close",
  commands: "Commands",
  composer: "Message",
  connecting: "connecting…",
  copied: "Copied",
  copyCode: "Copy",
  download: "Download",
  dropHere: "Drop files to send them",
  edited: "edited",
  editVisitor: "About this visitor",
  emptyText: "Press START, as a person does who opens the bot in Telegram for the first time.",
  emptyTitle: "Nothing here yet",
  forget: "Remove from this list",
  forgetNote: "The conversation stays in the sandbox; add the same id to see it again.",
  fileEmpty: (name) => `${name} is empty`,
  fileTooBig: (name) => `${name} is larger than 20 MB`,
  id: "Telegram id",
  idNote: "Leave it as it is for a new person.",
  language: "Language",
  loading: "Loading the conversation…",
  menu: "Visitors",
  name: "Name",
  newMessages: (n) => plural("en", n, { one: `${n} new message`, other: `${n} new messages` }),
  next: "Next picture",
  noAnswer: "The bot has not answered this button.",
  notDone: (why) => `That did not work: ${why}`,
  notSent: (why) => `Not sent: ${why}`,
  offline: "the sandbox does not answer",
  openOriginal: "Open in a new tab",
  photo: "Photo",
  photoGone: "This picture is gone",
  previous: "Previous picture",
  reconnecting: "reconnecting…",
  reply: "Reply",
  replyingTo: (name) => `Reply to ${name}`,
  removeReply: "Do not reply",
  save: "Save",
  scrollDown: "To the newest message",
  send: "Send",
  sendFiles: (n) => plural("en", n, { one: "Send a file", other: `Send ${n} files` }),
  spoiler: "Hidden text: press to show",
  start: "START",
  today: "Today",
  unblock: "Unblock the bot",
  unread: (n) => `${n} unread`,
  unsupported: "This button does nothing in the sandbox",
  unsupportedMessage: "A message of a kind that the sandbox does not show",
  visitors: "Visitors",
  yesterday: "Yesterday",
  you: "You",
  size: (value, unit) => `${value} ${["B", "KB", "MB", "GB"][unit]}`,
};

const ru = {
  accept: "Хорошо",
  action: {
    choose_sticker: "выбирает стикер…",
    find_location: "ищет место…",
    record_video: "записывает видео…",
    record_voice: "записывает голосовое…",
    typing: "печатает…",
    upload_document: "отправляет файл…",
    upload_photo: "отправляет фото…",
    upload_video: "отправляет видео…",
    upload_voice: "отправляет голосовое…",
  },
  add: "Добавить",
  addVisitor: "Новый посетитель",
  album: "Альбом",
  allSandbox: "Здесь всё понарошку: ничего не уходит в Telegram и ничего не стоит.",
  asFile: "Отправить файлом, а не фото",
  attach: "Прикрепить фото или файл",
  block: "Заблокировать бота",
  blocked: "Вы заблокировали этого бота.",
  bot: "бот",
  botSays: "Бот",
  cancel: "Отмена",
  caption: "Подпись",
  close: "Закрыть",
  commands: "Команды",
  composer: "Сообщение",
  connecting: "соединение…",
  copied: "Скопировано",
  copyCode: "Копировать",
  download: "Скачать",
  dropHere: "Отпустите файлы, чтобы отправить",
  edited: "изменено",
  editVisitor: "Об этом посетителе",
  emptyText: "Нажмите СТАРТ, как человек, который впервые открыл бота в Telegram.",
  emptyTitle: "Здесь пока пусто",
  forget: "Убрать из списка",
  forgetNote: "Переписка останется в песочнице: добавьте тот же id, чтобы её увидеть.",
  fileEmpty: (name) => `Файл ${name} пуст`,
  fileTooBig: (name) => `Файл ${name} больше 20 МБ`,
  id: "Telegram id",
  idNote: "Для нового человека оставьте как есть.",
  language: "Язык",
  loading: "Загружаем переписку…",
  menu: "Посетители",
  name: "Имя",
  newMessages: (n) =>
    plural("ru", n, {
      one: `${n} новое сообщение`,
      few: `${n} новых сообщения`,
      many: `${n} новых сообщений`,
    }),
  next: "Следующая картинка",
  noAnswer: "Бот не ответил на эту кнопку.",
  notDone: (why) => `Не получилось: ${why}`,
  notSent: (why) => `Не отправлено: ${why}`,
  offline: "песочница не отвечает",
  openOriginal: "Открыть в новой вкладке",
  photo: "Фото",
  photoGone: "Этой картинки больше нет",
  previous: "Предыдущая картинка",
  reconnecting: "переподключение…",
  reply: "Ответить",
  replyingTo: (name) => `Ответ: ${name}`,
  removeReply: "Не отвечать",
  save: "Сохранить",
  scrollDown: "К последнему сообщению",
  send: "Отправить",
  sendFiles: (n) =>
    plural("ru", n, {
      one: n === 1 ? "Отправить файл" : `Отправить ${n} файл`,
      few: `Отправить ${n} файла`,
      many: `Отправить ${n} файлов`,
    }),
  spoiler: "Скрытый текст: нажмите, чтобы показать",
  start: "СТАРТ",
  today: "Сегодня",
  unblock: "Разблокировать бота",
  unread: (n) => `непрочитанных: ${n}`,
  unsupported: "В песочнице эта кнопка ничего не делает",
  unsupportedMessage: "Сообщение такого вида песочница не показывает",
  visitors: "Посетители",
  yesterday: "Вчера",
  you: "Вы",
  size: (value, unit) => `${value} ${["Б", "КБ", "МБ", "ГБ"][unit]}`,
};

const all = { en, ru };

/** The languages that a visitor can have, with their own names. */
export const languages = { en: "English", ru: "Русский" };

/** The nearest language that the page speaks. */
export function nearest(code) {
  return String(code ?? "").toLowerCase().startsWith("ru") ? "ru" : "en";
}

/** The page's words in a language. */
export function words(language) {
  return all[nearest(language)];
}

/** A file's size for people, with one decimal where it tells something. */
export function fileSize(bytes, language) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < 3) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  const number = value.toLocaleString(language, { maximumFractionDigits: digits });
  return words(language).size(number, unit);
}

/** Hours and minutes of a Unix time in seconds. */
export function clock(seconds, language) {
  return new Date(seconds * 1000).toLocaleTimeString(language, {
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  });
}

/** The day of a Unix time, as a separator names it. */
export function dayName(seconds, language) {
  const day = new Date(seconds * 1000);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return words(language).today;
  if (day.toDateString() === yesterday.toDateString()) return words(language).yesterday;
  const year = day.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return day.toLocaleDateString(language, { day: "numeric", month: "long", year });
}
