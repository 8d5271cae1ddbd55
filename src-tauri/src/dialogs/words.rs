//! What stands above a dialog, in the languages of the interface.

use domain::Language;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Title {
    ImportFiles,
    ImportFolder,
    VaultFolder,
    BundleFolder,
    BackupFolder,
    ExportReport,
}

impl Title {
    pub fn in_words(self, language: Language) -> &'static str {
        let [english, hungarian, german] = match self {
            Self::ImportFiles => ["Open scans", "Felvételek megnyitása", "Aufnahmen öffnen"],
            Self::ImportFolder => [
                "Open a folder of scans",
                "Felvételek mappájának megnyitása",
                "Ordner mit Aufnahmen öffnen",
            ],
            Self::VaultFolder => [
                "Choose the folder of the vault",
                "Az adattár mappájának kiválasztása",
                "Ordner des Tresors wählen",
            ],
            Self::BundleFolder => [
                "Choose the folder of the model",
                "A modell mappájának kiválasztása",
                "Ordner des Modells wählen",
            ],
            Self::BackupFolder => [
                "Choose a folder for the backup",
                "Mappa kiválasztása a biztonsági mentéshez",
                "Ordner für die Sicherung wählen",
            ],
            Self::ExportReport => [
                "Save the report as",
                "A lelet mentése másként",
                "Bericht speichern unter",
            ],
        };
        match language {
            Language::Hu => hungarian,
            Language::De => german,
            Language::En => english,
        }
    }
}
