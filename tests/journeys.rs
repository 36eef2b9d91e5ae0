//! What people do, story by story. Defects of the ancestor that must not come back are named (`W-…`).

mod studio;
