//! Closed sets: enums whose members have one word each, the same in JSON, in the database, on a command line and in
//! TypeScript.

/// Declares an enum with `ALL`, `as_str`, `parse` and `Display`; serde and TypeScript use the same words.
macro_rules! closed_set {
    (
        $(#[$about:meta])*
        pub enum $name:ident { $($(#[$says:meta])* $member:ident = $word:literal),+ $(,)? }
    ) => {
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        $(#[$about])*
        pub enum $name { $($(#[$says])* #[serde(rename = $word)] $member),+ }

        impl $name {
            /// Every member, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$member),+];

            /// The word for it in JSON, in the database and on a command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word),+ }
            }

            /// `None` for a word that names no member.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|member| member.as_str() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        // Beside the enum and by its name, so that no set goes without: serde writes the words of `as_str`, and each
        // reads back as its own member.
        #[cfg(test)]
        #[test]
        #[allow(non_snake_case, reason = "the name of the set")]
        fn $name() -> Result<(), serde_json::Error> {
            for member in $name::ALL {
                assert_eq!(serde_json::to_value(member)?, member.as_str());
                assert_eq!(serde_json::from_value::<$name>(member.as_str().into())?, *member);
                assert_eq!($name::parse(member.as_str()), Some(*member));
            }
            assert_eq!($name::parse(""), None);
            assert!(serde_json::from_value::<$name>("".into()).is_err());
            Ok(())
        }
    };
}
pub(crate) use closed_set;
