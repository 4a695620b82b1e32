//! Finding one font with Chinese glyphs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use resvg::usvg::fontdb::Database;
use skrifa::{FontRef, MetadataProvider};

use crate::RasterError;

/// Where fonts usually lie, best first.
pub(crate) const USUAL_FOLDERS: &[&str] = &[
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/truetype",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "C:\\Windows\\Fonts",
];

/// A face must have these to count as Chinese.
const PROBE: [char; 4] = ['棋', '盘', '县', '亿'];
const MAX_FILE: u64 = 64 << 20;
const MAX_FILES: usize = 400;
const MAX_DEPTH: usize = 4;

/// Reads the first regular font with Chinese glyphs, sans-serif preferred.
pub(crate) fn load(folders: &[PathBuf]) -> Result<Arc<Database>, RasterError> {
    for folder in folders {
        let mut files = Vec::new();
        collect(folder, 0, &mut files);
        files.sort_by_key(|path| (preference(path), path.clone()));
        for path in files {
            let Ok(bytes) = std::fs::read(&path) else {
                continue;
            };
            if !has_chinese(&bytes) {
                continue;
            }
            let mut database = Database::new();
            database.load_font_data(bytes);
            let name = database
                .faces()
                .filter_map(|face| face.families.first())
                .map(|(name, _)| name.clone())
                // A collection holds one face per region; take the mainland's forms.
                .max_by_key(|name| name.contains(" SC"));
            if let Some(name) = name {
                database.set_sans_serif_family(name.clone());
                database.set_serif_family(name);
                return Ok(Arc::new(database));
            }
        }
    }
    Err(RasterError::NoFont {
        looked: folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect::<Vec<_>>()
            .join("、"),
    })
}

/// Smaller is tried earlier: names that promise a regular Chinese sans-serif.
fn preference(path: &Path) -> u8 {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let chinese = [
        "cjk", "sc", "hei", "song", "wqy", "msyh", "simsun", "pingfang",
    ]
    .iter()
    .any(|mark| name.contains(mark));
    let regular = !["bold", "black", "light", "thin", "medium", "italic"]
        .iter()
        .any(|mark| name.contains(mark));
    let sans = !name.contains("serif") && !name.contains("mono");
    match (chinese, regular, sans) {
        (true, true, true) => 0,
        (true, true, false) => 1,
        (true, false, _) => 2,
        (false, ..) => 3,
    }
}

fn has_chinese(bytes: &[u8]) -> bool {
    FontRef::from_index(bytes, 0).is_ok_and(|font| {
        let charmap = font.charmap();
        PROBE.iter().all(|&c| charmap.map(c).is_some())
    })
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if files.len() >= MAX_FILES {
            return;
        }
        let path = entry.path();
        let Ok(about) = std::fs::metadata(&path) else {
            continue;
        };
        if about.is_dir() {
            if depth < MAX_DEPTH {
                collect(&path, depth + 1, files);
            }
        } else if about.len() <= MAX_FILE
            && path.extension().is_some_and(|ending| {
                ["ttf", "otf", "ttc", "otc"]
                    .iter()
                    .any(|known| ending.eq_ignore_ascii_case(known))
            })
        {
            files.push(path);
        }
    }
}
