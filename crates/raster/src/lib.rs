//! SVG to PNG, for documents that cannot hold SVG (DOCX). A leaf: knows nothing of briefs.
//!
//! Fonts are never part of the program: they are looked for in the configured folders and then
//! where Debian's `fonts-noto-cjk` and other usual packages put them, once, on first use.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod fonts;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

/// Widest picture that is drawn, in pixels; higher ones are refused as well.
const MAX_SIDE: u32 = 8_000;
/// Largest SVG text that is read, in bytes.
const MAX_SVG: usize = 8 << 20;

/// Why a picture could not be drawn. Messages are Chinese first: people read them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RasterError {
    /// No font with Chinese glyphs was found.
    #[error(
        "找不到中文字体（找过：{looked}）。请安装 fonts-noto-cjk（apt-get install fonts-noto-cjk），或在配置里给出字体文件夹 / no Chinese font found: install fonts-noto-cjk or configure a font folder"
    )]
    NoFont {
        /// The folders that were searched.
        looked: String,
    },
    /// The SVG is not well-formed.
    #[error("图形不是有效的 SVG：{0}")]
    Svg(String),
    /// The picture would be too large.
    #[error("图形太大（{found}），最多 {most}")]
    TooLarge {
        /// What was asked for.
        found: String,
        /// What is allowed.
        most: String,
    },
    /// The PNG could not be written.
    #[error("PNG 无法生成：{0}")]
    Png(String),
}

/// A drawn picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Png {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Draws SVG as PNG. Making one costs nothing; fonts are read at the first picture and kept as
/// long as the rasteriser lives (about 20 MB for Noto Sans CJK).
#[derive(Debug)]
pub struct Rasteriser {
    folders: Vec<PathBuf>,
    fonts: OnceLock<Result<Arc<fontdb::Database>, RasterError>>,
}

impl Rasteriser {
    /// A rasteriser that looks for fonts in these folders first, then in the usual places.
    #[must_use]
    pub fn new(font_dirs: Vec<PathBuf>) -> Self {
        let mut folders = font_dirs;
        folders.extend(fonts::USUAL_FOLDERS.iter().map(PathBuf::from));
        Self {
            folders,
            fonts: OnceLock::new(),
        }
    }

    /// A rasteriser that looks in these folders and nowhere else.
    #[must_use]
    pub fn only(font_dirs: Vec<PathBuf>) -> Self {
        Self {
            folders: font_dirs,
            fonts: OnceLock::new(),
        }
    }

    /// Draws an SVG on white, `width` pixels wide; the height follows from its proportions.
    ///
    /// # Errors
    /// When no Chinese font is found, the SVG cannot be read, or a limit is passed.
    pub fn png(&self, svg: &str, width: u32) -> Result<Png, RasterError> {
        if svg.len() > MAX_SVG {
            return Err(RasterError::TooLarge {
                found: format!("{} 字节", svg.len()),
                most: format!("{MAX_SVG} 字节"),
            });
        }
        let fonts = self
            .fonts
            .get_or_init(|| fonts::load(&self.folders))
            .clone()?;
        let options = usvg::Options {
            font_family: "sans-serif".to_owned(),
            fontdb: fonts,
            languages: vec!["zh".to_owned()],
            ..usvg::Options::default()
        };
        let tree = usvg::Tree::from_str(svg, &options)
            .map_err(|error| RasterError::Svg(error.to_string()))?;
        let scale = width as f32 / tree.size().width();
        let height = (tree.size().height() * scale).ceil();
        if width == 0 || width > MAX_SIDE || height > MAX_SIDE as f32 {
            return Err(RasterError::TooLarge {
                found: format!("{width}×{height} 像素"),
                most: format!("{MAX_SIDE}×{MAX_SIDE} 像素"),
            });
        }
        let height = height as u32;
        let mut pixels = Pixmap::new(width, height)
            .ok_or_else(|| RasterError::Svg(format!("{width}×{height}")))?;
        pixels.fill(resvg::tiny_skia::Color::WHITE);
        resvg::render(
            &tree,
            Transform::from_scale(scale, scale),
            &mut pixels.as_mut(),
        );
        let bytes = pixels
            .encode_png()
            .map_err(|error| RasterError::Png(error.to_string()))?;
        Ok(Png {
            bytes,
            width,
            height,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(body: &str) -> String {
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50" width="100" height="50">{body}</svg>"#
        )
    }

    #[test]
    fn draws_chinese_text() {
        let raster = Rasteriser::new(Vec::new());
        let empty = raster.png(&svg(""), 200).unwrap();
        let text = raster
            .png(
                &svg(r#"<text x="5" y="30" font-size="20">棋盘</text>"#),
                200,
            )
            .unwrap();
        assert_eq!((text.width, text.height), (200, 100));
        assert!(text.bytes.starts_with(b"\x89PNG"));
        assert_ne!(empty.bytes, text.bytes);
        // Two different characters must not come out as the same "missing glyph" box.
        let other = raster
            .png(
                &svg(r#"<text x="5" y="30" font-size="20">盘棋</text>"#),
                200,
            )
            .unwrap();
        assert_ne!(other.bytes, text.bytes);
    }

    #[test]
    fn says_what_is_missing_when_no_font_is_found() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("broken.ttf"), b"not a font").unwrap();
        let error = Rasteriser::only(vec![folder.path().to_path_buf()])
            .png(&svg(""), 100)
            .unwrap_err();
        assert!(error.to_string().contains("fonts-noto-cjk"), "{error}");
    }

    #[test]
    fn refuses_what_is_too_large_or_broken() {
        let raster = Rasteriser::new(Vec::new());
        assert!(matches!(
            raster.png(&svg(""), 100_000),
            Err(RasterError::TooLarge { .. })
        ));
        assert!(matches!(raster.png("<svg", 100), Err(RasterError::Svg(_))));
        assert!(matches!(
            raster.png(&" ".repeat(MAX_SVG + 1), 100),
            Err(RasterError::TooLarge { .. })
        ));
    }
}
