//! Plain PNG images of the original size: grey values and anomaly maps.

use domain::AnomalyMap;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{EncodableLayout, ImageBuffer, Luma, PixelWithColorType, RgbImage};

use super::check_size;
use crate::ReportError;

/// What the compressor keeps for itself.
const ENCODER_BYTES: usize = 4 << 20;

/// An anomaly map as a 16-bit grey PNG of the original size. One fixed scale for every map:
/// 0..=65535 stands for 0..=1, value by value as the map holds them.
pub fn map_png(map: &AnomalyMap) -> Result<Vec<u8>, ReportError> {
    luma_png(map.rows, map.cols, &map.values)
}

/// Grey values 0..=255 (rows x cols) as an 8-bit grey PNG.
pub fn grey_png(rows: u32, cols: u32, grey: &[u8]) -> Result<Vec<u8>, ReportError> {
    luma_png(rows, cols, grey)
}

/// Red, green and blue 0..=255 of each pixel (rows x cols) as an 8-bit PNG.
pub fn colour_png(rows: u32, cols: u32, rgb: Vec<u8>) -> Result<Vec<u8>, ReportError> {
    check_size(rows, cols, rgb.len() / 3)?;
    let found = rgb.len() / 3;
    let picture = RgbImage::from_raw(cols, rows, rgb).ok_or(ReportError::ValueCount { rows, cols, found })?;
    drop(domain::room::room_for::<u8>(picture.len() + ENCODER_BYTES)?);
    let mut bytes = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut bytes))?;
    Ok(bytes)
}

fn luma_png<T>(rows: u32, cols: u32, values: &[T]) -> Result<Vec<u8>, ReportError>
where
    T: image::Primitive,
    Luma<T>: PixelWithColorType<Subpixel = T>,
    [T]: EncodableLayout,
{
    check_size(rows, cols, values.len())?;
    // The encoder asks for nothing: what it may need is asked for here.
    drop(domain::room::room_for::<u8>(size_of_val(values) + ENCODER_BYTES)?);
    let picture = ImageBuffer::<Luma<T>, &[T]>::from_raw(cols, rows, values);
    let picture = picture.ok_or(ReportError::ValueCount {
        rows,
        cols,
        found: values.len(),
    })?;
    let mut bytes = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut bytes))?;
    Ok(bytes)
}

/// An image on its way into a template: quickly packed, for the file's own packing follows.
pub fn rgb_png(picture: &RgbImage) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::NoFilter);
    picture.write_with_encoder(encoder)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    #[test]
    fn map_values_come_back_exactly() -> Result<(), Box<dyn Error>> {
        let values: Vec<u16> = vec![0, 1, 255, 256, 32768, 65535];
        let png = map_png(&AnomalyMap {
            rows: 2,
            cols: 3,
            values: values.clone(),
        })?;
        let read = image::load_from_memory(&png)?;
        assert_eq!(read.color(), image::ColorType::L16);
        assert_eq!((read.width(), read.height()), (3, 2));
        assert_eq!(read.into_luma16().into_raw(), values);
        Ok(())
    }

    #[test]
    fn grey_values_come_back_exactly() -> Result<(), Box<dyn Error>> {
        let png = grey_png(2, 2, &[0, 7, 128, 255])?;
        let read = image::load_from_memory(&png)?;
        assert_eq!(read.color(), image::ColorType::L8);
        assert_eq!(read.into_luma8().into_raw(), [0, 7, 128, 255]);
        Ok(())
    }

    #[test]
    fn a_picture_of_another_size_than_its_values_is_refused() {
        let refused = grey_png(2, 3, &[0; 5]);
        assert!(matches!(
            refused,
            Err(ReportError::ValueCount {
                rows: 2,
                cols: 3,
                found: 5
            })
        ));
        assert!(matches!(
            grey_png(0, 3, &[]),
            Err(ReportError::EmptyPicture { rows: 0, cols: 3 })
        ));
        assert!(
            map_png(&AnomalyMap {
                rows: u32::MAX,
                cols: u32::MAX,
                values: vec![1]
            })
            .is_err()
        );
    }
}
