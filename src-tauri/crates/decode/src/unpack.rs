//! What parent and child say to each other about a file that holds or names others.
//!
//! The parent's request has the form of [`crate::protocol::request`] with another kind. For [`Other::Names`] the bytes
//! of the file follow, and the child answers with one `Names` frame; for [`Other::Essence`] with one `Essence`. For [`Other::Members`] no bytes follow: the child
//! asks for the pieces that it needs (`Need`: where from, how many), each answered by a length (u32) and so many
//! bytes, fewer where the file ends. In between it tells the names of all members (`List`, several times), then each
//! member: `Member`, any number of `Data`, `End`; or `Refused`. `Done` is the last frame. A frame is a kind (u8), the
//! length of its body (u64, little endian) and the body.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{DecodeError, protocol::REQUEST_BYTES};

/// What is asked of a file but its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// The files that it names: the index of a disc, the header of a volume.
    Names,
    /// The files that it holds.
    Members,
    /// What it is however it is written down.
    Essence,
}

/// Bytes that the child asks for at most at once.
pub const MOST_NEEDED: u32 = 1 << 20;
/// Members of one archive that are looked at.
pub const MOST_MEMBERS: usize = 100_000;
/// Longest name of a member.
pub const MOST_NAME_BYTES: usize = 4096;

const MOST_BODY: u64 = 8 << 20;
const NAMES: u8 = 16;
const MEMBERS: u8 = 17;
const ESSENCE: u8 = 18;

/// The request for `what` of a file of so many bytes.
pub fn request(length: u64, what: Other) -> [u8; REQUEST_BYTES] {
    let mut head = [0; REQUEST_BYTES];
    let kind = match what {
        Other::Names => NAMES,
        Other::Members => MEMBERS,
        Other::Essence => ESSENCE,
    };
    let parts = length.to_le_bytes().into_iter().chain([kind]);
    head.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    head
}

/// Length of the file and what is wanted of it; `None` when it is another request.
pub fn read_request(head: [u8; REQUEST_BYTES]) -> Option<(u64, Other)> {
    let (length, rest) = head.split_first_chunk::<8>()?;
    let what = match *rest.first()? {
        NAMES => Other::Names,
        MEMBERS => Other::Members,
        ESSENCE => Other::Essence,
        _ => return None,
    };
    Some((u64::from_le_bytes(*length), what))
}

/// The files that a file names, below its folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// In its order.
    pub files: Vec<String>,
    /// The SOP Instance UID that an index states of a file, by the file.
    #[serde(default)]
    pub instances: BTreeMap<String, String>,
    /// Why it may not name all that it did when it was whole.
    pub damage: Option<DecodeError>,
}

/// One frame of the child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// It cannot be opened at all.
    Failed(DecodeError),
    /// What it names.
    Names(Named),
    /// Bytes that are to be sent: where from, how many.
    Need(u64, u32),
    /// Names of members, all that will come.
    List(Vec<String>),
    /// A member begins.
    Member(String),
    /// The next bytes of the member.
    Data(Vec<u8>),
    /// The member ends, with the reason where it is not whole.
    End(Option<DecodeError>),
    /// A member that is not unpacked.
    Refused(String, DecodeError),
    /// The file is no archive but an image, and is to be decoded as it is.
    Whole,
    /// Nothing more comes, with the reason where the rest could not be read.
    Done(Option<DecodeError>),
    /// A hash of the data set; nothing where the file has none that can be told.
    Essence(Option<String>),
}

/// Sends a frame.
///
/// # Errors
/// Like those of `out`.
pub fn write_frame(out: &mut impl Write, frame: &Frame) -> io::Result<()> {
    let (kind, body) = match frame {
        Frame::Failed(error) => (2, json(error)?),
        Frame::Names(names) => (16, json(names)?),
        Frame::Need(from, count) => (17, [&from.to_le_bytes()[..], &count.to_le_bytes()].concat()),
        Frame::List(names) => (18, json(names)?),
        Frame::Member(name) => (19, json(name)?),
        Frame::Data(bytes) => return write_data(out, bytes),
        Frame::End(error) => (21, json(error)?),
        Frame::Refused(name, error) => (22, json(&(name, error))?),
        Frame::Whole => (23, vec![]),
        Frame::Done(error) => (24, json(error)?),
        Frame::Essence(hash) => (25, json(hash)?),
    };
    write_body(out, kind, &body)
}

/// Sends the next bytes of a member.
///
/// # Errors
/// Like those of `out`.
pub fn write_data(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    write_body(out, 20, bytes)
}

fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(value)?)
}

fn write_body(out: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    out.write_all(&[kind])?;
    out.write_all(&(body.len() as u64).to_le_bytes())?;
    out.write_all(body)
}

/// Reads a frame. `InvalidData` means that the child does not keep to the protocol.
///
/// # Errors
/// Like those of `input`.
pub fn read_frame(input: &mut impl Read) -> io::Result<Frame> {
    let mut head = [0; 9];
    input.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let length = u64::from_le_bytes(length);
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    if length > MOST_BODY {
        return Err(invalid("a frame over the limit"));
    }
    let mut body = vec![0; usize::try_from(length).map_err(|_| invalid("a frame over the limit"))?];
    input.read_exact(&mut body)?;
    Ok(match kind {
        2 => Frame::Failed(of_json(&body)?),
        16 => Frame::Names(of_json(&body)?),
        17 => match (
            body.first_chunk::<8>(),
            body.get(8..).and_then(|rest| rest.first_chunk::<4>()),
        ) {
            (Some(from), Some(count)) => Frame::Need(u64::from_le_bytes(*from), u32::from_le_bytes(*count)),
            _ => return Err(invalid("a short frame")),
        },
        18 => Frame::List(of_json(&body)?),
        19 => Frame::Member(of_json(&body)?),
        20 => Frame::Data(body),
        21 => Frame::End(of_json(&body)?),
        22 => {
            let (name, error) = of_json(&body)?;
            Frame::Refused(name, error)
        }
        23 => Frame::Whole,
        24 => Frame::Done(of_json(&body)?),
        25 => Frame::Essence(of_json(&body)?),
        other => return Err(invalid(&format!("a frame of kind {other}"))),
    })
}

fn of_json<T: DeserializeOwned>(body: &[u8]) -> io::Result<T> {
    serde_json::from_slice(body).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol;

    #[test]
    fn every_frame_arrives_as_it_left() -> io::Result<()> {
        let error = DecodeError::corrupt("why");
        let frames = [
            Frame::Failed(error.clone()),
            Frame::Names(Named {
                files: vec!["A/B".into()],
                instances: [("A/B".to_owned(), "1.2.3".to_owned())].into(),
                damage: Some(error.clone()),
            }),
            Frame::Need(1 << 40, 77),
            Frame::List(vec!["a".into(), "\u{151}".into()]),
            Frame::Member("m".into()),
            Frame::Data(vec![0, 255, 3]),
            Frame::End(None),
            Frame::End(Some(error.clone())),
            Frame::Refused("x".into(), error.clone()),
            Frame::Whole,
            Frame::Done(Some(error)),
            Frame::Essence(None),
            Frame::Essence(Some("00ff".into())),
        ];
        let mut wire = vec![];
        for frame in &frames {
            write_frame(&mut wire, frame)?;
        }
        let mut input = wire.as_slice();
        for frame in &frames {
            assert_eq!(read_frame(&mut input)?, *frame);
        }
        assert!(input.is_empty());
        Ok(())
    }

    #[test]
    fn a_child_gone_wrong_is_refused() {
        let kind = |wire: &[u8]| read_frame(&mut &*wire).err().map(|e| e.kind());
        let invalid = Some(io::ErrorKind::InvalidData);
        assert_eq!(kind(&[99, 0, 0, 0, 0, 0, 0, 0, 0]), invalid);
        assert_eq!(kind(&[20, 0, 0, 0, 0, 1, 0, 0, 0]), invalid);
        assert_eq!(kind(&[17, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2]), invalid);
        assert_eq!(kind(&[18, 1, 0, 0, 0, 0, 0, 0, 0, b'{']), invalid);
    }

    #[test]
    fn requests_of_all_kinds_are_told_apart() {
        for what in [Other::Names, Other::Members, Other::Essence] {
            assert_eq!(read_request(request(9, what)), Some((9, what)));
            assert_eq!(protocol::read_request(request(9, what)), None);
        }
        assert_eq!(read_request(protocol::request(9, &protocol::Wanted::All)), None);
    }
}
