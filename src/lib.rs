//! AISHA: a self-hosted Telegram studio for AI images.

pub mod app;
pub mod backup;
pub mod cache;
pub mod cli;
pub mod dashboard;
pub mod db;
mod doctor;
pub mod downloads;
pub mod fal;
pub mod metrics;
pub mod nodes;
pub mod objects;
pub mod operate;
mod outgoing;
pub mod redis;
pub mod sandbox;
pub mod settings;
pub mod telegram;
pub mod telemetry;
pub mod web;
mod words;
pub mod world;
