//! The typesetter's world: one template, the data it reads, the images, the embedded fonts.
//! Nothing else can be reached from a template: no files, no packages, no clock.

use std::sync::LazyLock;

use domain::Timestamp;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration, Output};
use typst::layout::Abs;
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontInstance, FontVariant, FontVariations};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::ReportError;
use crate::words::civil;

static FONT_FILES: [&[u8]; 3] = [
    include_bytes!("../fonts/DejaVuSans.ttf"),
    include_bytes!("../fonts/DejaVuSans-Bold.ttf"),
    include_bytes!("../fonts/DroidSansFallback.ttf"),
];

struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    faces: Vec<FontInstance>,
}

static PRESS: LazyLock<Press> = LazyLock::new(|| {
    let fonts: Vec<Font> = FONT_FILES
        .iter()
        .flat_map(|data| Font::iter(Bytes::new(*data)))
        .collect();
    let face = |font: &Font| {
        font.clone()
            .instantiate(FontVariant::default(), Abs::pt(10.0), &FontVariations::default())
    };
    Press {
        faces: fonts.iter().map(face).collect(),
        library: LazyHash::new(<Library as LibraryExt>::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
    }
});

/// Whether an embedded font has a glyph for the character. The typesetter's own table of coverage
/// also counts characters that a font maps to its empty glyph.
pub fn is_covered(c: char) -> bool {
    let has_glyph = |face: &FontInstance| face.ttf().glyph_index(c).is_some_and(|glyph| glyph.0 != 0);
    PRESS.faces.iter().any(has_glyph)
}

/// A file that the template may read by its path, such as `/grey-0.png`. Clones share the data.
#[derive(Clone)]
pub struct VirtualFile {
    path: String,
    data: Bytes,
}

impl VirtualFile {
    pub fn new(path: impl Into<String>, data: Vec<u8>) -> Self {
        Self {
            path: path.into(),
            data: Bytes::new(data),
        }
    }
}

pub struct Sheet {
    main: FileId,
    source: Source,
    files: Vec<(FileId, Bytes)>,
}

impl Sheet {
    /// A template (source text) with the files it reads.
    pub fn new(template: &str, files: Vec<VirtualFile>) -> Result<Self, ReportError> {
        let main = file_id("/main.typ")?;
        let files = files
            .into_iter()
            .map(|file| Ok((file_id(&file.path)?, file.data)))
            .collect::<Result<Vec<_>, ReportError>>()?;
        Ok(Self {
            main,
            source: Source::new(main, template.to_owned()),
            files,
        })
    }
}

/// Lays the sheet's pages out.
pub fn compile<T: Output>(sheet: &Sheet) -> Result<T, ReportError> {
    typst::compile(sheet).output.map_err(|faults| {
        ReportError::Layout(
            faults
                .first()
                .map(|fault| fault.message.to_string())
                .unwrap_or_default(),
        )
    })
}

fn file_id(path: &str) -> Result<FileId, ReportError> {
    let path = VirtualPath::new(path).map_err(|_| ReportError::Layout(format!("the path {path} is not valid")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// A time as the typesetter knows it, for the document's date.
pub fn typst_datetime(at: Timestamp) -> Option<Datetime> {
    let c = civil(at);
    Datetime::from_ymd_hms(i32::try_from(c.year).ok()?, c.month, c.day, c.hour, c.minute, c.second)
}

impl World for Sheet {
    fn library(&self) -> &LazyHash<Library> {
        &PRESS.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &PRESS.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main {
            Ok(self.source.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.files.iter().find(|(file, _)| *file == id);
        found.map(|(_, data)| data.clone()).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        PRESS.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
