//! The cells of one row.

use serde::Deserialize;

/// Cells in their order, without quotes. In JSON a list of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// From the bytes of all cells and where each ends; the number of the first cell that is not UTF-8 otherwise.
    pub fn new(bytes: Vec<u8>, ends: Vec<usize>) -> Result<Self, usize> {
        let mut begin = 0;
        for (index, end) in ends.iter().enumerate() {
            // Cell by cell: bytes of two cells are no character.
            std::str::from_utf8(&bytes[begin..*end]).map_err(|_| index + 1)?;
            begin = *end;
        }
        let text = String::from_utf8(bytes).map_err(|_| ends.len())?;
        Ok(Cells { text, ends })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell with this index.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[begin..end])
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

impl From<Vec<String>> for Cells {
    fn from(cells: Vec<String>) -> Self {
        cells.into_iter().collect()
    }
}

impl<T: AsRef<str>> FromIterator<T> for Cells {
    fn from_iter<I: IntoIterator<Item = T>>(cells: I) -> Self {
        let mut made = Cells::default();
        for cell in cells {
            made.text += cell.as_ref();
            made.ends.push(made.text.len());
        }
        made
    }
}
