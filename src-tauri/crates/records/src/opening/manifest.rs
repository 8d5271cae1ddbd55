//! `vault.json`: what must be known before there is a key.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use domain::{Role, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::disk;
use crate::error::{Error, Result, io};
use crate::hex;
use crate::keys::UserKey;
use crate::layout::{FORMAT_VERSION, manifest_path};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: String,
    pub(crate) format_version: i64,
    pub(crate) vault_id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) users: Vec<UserKey>,
    /// Users whose role this version does not know, with its word: they alone are kept out.
    #[serde(skip)]
    pub(crate) unknown_roles: Vec<(String, String)>,
}

impl Manifest {
    /// Refuses a damaged file, and by name of both versions one that a newer program wrote.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = manifest_path(folder);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(Error::VaultNotFound(folder.to_owned()));
            }
            Err(error) => return Err(io(format!("read {}", path.display()))(error)),
        };
        let damaged = |what: &str| Error::VaultDamaged(format!("vault.json {what}"));
        let mut fields: Map<String, Value> = serde_json::from_slice(&text).map_err(|_| damaged("is not JSON"))?;
        let stated = fields.remove("sha256");
        if stated != Some(Value::String(checksum(&fields))) {
            return Err(damaged("does not agree with its own checksum"));
        }
        let found = fields
            .get("format_version")
            .and_then(Value::as_i64)
            .ok_or_else(|| damaged("has no version"))?;
        if found > FORMAT_VERSION {
            return Err(Error::VaultTooNew {
                what: "format",
                found,
                supported: FORMAT_VERSION,
            });
        }
        let unknown_roles = take_unknown_roles(&mut fields);
        let mut manifest: Self = serde_json::from_value(Value::Object(fields)).map_err(|_| damaged("lacks a field"))?;
        manifest.unknown_roles = unknown_roles;
        Ok(manifest)
    }

    /// Replaces the file in one step; readable by this user only.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(self) else {
            return Err(Error::Invalid("the vault's users cannot be written as JSON".to_owned()));
        };
        fields.insert("sha256".to_owned(), Value::String(checksum(&fields)));
        let text = format!("{:#}\n", Value::Object(fields));
        disk::write_atomically(&manifest_path(folder), text.as_bytes())
    }
}

fn take_unknown_roles(fields: &mut Map<String, Value>) -> Vec<(String, String)> {
    let mut taken = Vec::new();
    if let Some(Value::Array(users)) = fields.get_mut("users") {
        users.retain(|user| match (user["user"].as_str(), user["role"].as_str()) {
            (Some(name), Some(role)) if Role::parse(role).is_none() => {
                taken.push((name.to_owned(), role.to_owned()));
                false
            }
            _ => true,
        });
    }
    taken
}

/// sha256 of the fields as compact JSON with sorted keys: a rule that later formats keep too.
pub(crate) fn checksum(fields: &Map<String, Value>) -> String {
    let mut text = String::new();
    write_sorted(&Value::Object(fields.clone()), &mut text);
    hex::encode(&Sha256::digest(text.as_bytes()))
}

fn write_sorted(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            text.push('{');
            for (name, value) in fields {
                text.push_str(&format!("{}:", Value::String(name.clone())));
                write_sorted(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write_sorted(item, text);
                text.push(',');
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}
