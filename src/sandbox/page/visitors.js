// The people whom the visitor of this page plays, kept in the browser only.
import { nearest } from "./words.js";

const KEY = "sandbox.visitors";
const NAMES = {
  en: ["Alice", "Ben", "Clara", "Daniel", "Emma", "Frank", "Grace", "Henry"],
  ru: ["Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Зоя", "Илья"],
};

export class Visitors {
  constructor() {
    this.list = []; // { id, name, language, read } with read = the last message id seen
    this.current = null;
    this.load();
  }

  load() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
      this.list = (kept.list ?? []).filter((visitor) => validId(visitor.id));
      this.current = this.find(kept.current) ?? this.list[0] ?? null;
    } catch {
      this.list = []; // Unreadable or forbidden storage: begin anew.
    }
  }

  save() {
    try {
      localStorage.setItem(KEY, JSON.stringify({ list: this.list, current: this.current?.id }));
    } catch {
      // Storage is full or forbidden; the page works without it until it is closed.
    }
  }

  find(id) {
    return this.list.find((visitor) => visitor.id === Number(id)) ?? null;
  }

  /** Adds a person, or changes the one with this id; what is undefined stays as it was. */
  put(id, { name, language }) {
    let visitor = this.find(id);
    if (!visitor) {
      visitor = { id: Number(id), name: "", language: nearest(language ?? navigator.language), read: 0 };
      visitor.name = name || freeName(this.list, visitor.language);
      this.list.push(visitor);
    }
    if (name) visitor.name = name;
    if (language) visitor.language = nearest(language);
    this.save();
    return visitor;
  }

  forget(id) {
    this.list = this.list.filter((visitor) => visitor.id !== id);
    if (this.current?.id === id) this.current = this.list[0] ?? null;
    this.save();
  }

  markRead(visitor, messageId) {
    if (messageId <= visitor.read) return;
    visitor.read = messageId;
    this.save();
  }
}

/** Whether this can be a private chat's id. */
export function validId(id) {
  return Number.isSafeInteger(Number(id)) && Number(id) > 0;
}

/** A new person's id, in the range of real ones. */
export function freshId() {
  return 100_000_000 + Math.floor(Math.random() * 6_000_000_000);
}

/** The next unused name of a language. */
export function freeName(list, language) {
  const names = NAMES[nearest(language)];
  const free = names.filter((name) => !list.some((visitor) => visitor.name === name));
  return free[0] ?? names[list.length % names.length];
}
