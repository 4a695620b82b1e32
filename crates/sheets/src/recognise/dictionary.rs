//! Every header under which a field may arrive.

use std::collections::BTreeMap;

use qipan_model::Register;

use crate::fold;

/// How sure a header is of its field; the surer one wins a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// A synonym once its bracketed remark is dropped.
    LooseSynonym,
    /// The label once its bracketed remark is dropped.
    LooseLabel,
    /// A synonym or the English label.
    Synonym,
    /// The label.
    Label,
    /// The label under the very heads that the layout draws above it.
    Path,
    /// The field's id: the product's own export.
    Id,
    /// A person says so.
    Said,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub register: usize,
    pub field: usize,
    pub strength: Strength,
}

/// Folded header → fields, over all registers.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    entries: BTreeMap<String, Vec<Entry>>,
}

impl Dictionary {
    pub(super) fn new(registers: &[&Register]) -> Self {
        let mut dictionary = Self::default();
        for (register, declared) in registers.iter().enumerate() {
            for (field, column) in declared.fields.iter().enumerate() {
                let mut add = |text: &str, strength| {
                    dictionary.add(
                        text,
                        Entry {
                            register,
                            field,
                            strength,
                        },
                    );
                };
                add(&column.id, Strength::Id);
                for (text, whole, loose) in
                    std::iter::once((&column.label, Strength::Label, Strength::LooseLabel)).chain(
                        column
                            .synonyms
                            .iter()
                            .chain(std::iter::once(&column.label_en))
                            .map(|text| (text, Strength::Synonym, Strength::LooseSynonym)),
                    )
                {
                    let folded = fold::label(text);
                    add(&folded, whole);
                    let (outside, inside) = fold::split_brackets(&folded);
                    if !inside.is_empty() {
                        add(&outside, loose);
                    }
                }
            }
            for column in &declared.layout.columns {
                if let Some(field) = declared.index(&column.field)
                    && !column.heads.is_empty()
                {
                    let path: Vec<String> = column
                        .heads
                        .iter()
                        .chain(std::iter::once(&declared.fields[field].label))
                        .map(|text| fold::label(text))
                        .collect();
                    let strength = Strength::Path;
                    dictionary.add(
                        &path.join("/"),
                        Entry {
                            register,
                            field,
                            strength,
                        },
                    );
                }
            }
        }
        dictionary
    }

    fn add(&mut self, folded: &str, entry: Entry) {
        if folded.is_empty() {
            return;
        }
        let entries = self.entries.entry(folded.to_owned()).or_default();
        match entries
            .iter_mut()
            .find(|other| (other.register, other.field) == (entry.register, entry.field))
        {
            Some(other) => other.strength = other.strength.max(entry.strength),
            None => entries.push(entry),
        }
    }

    pub(super) fn get(&self, folded: &str) -> &[Entry] {
        self.entries.get(folded).map_or(&[], Vec::as_slice)
    }

    /// For each register the known header that comes nearest to a folded one, when it comes as
    /// near as asked.
    pub(super) fn near(&self, folded: &str, least: f32) -> Vec<(Entry, f32, &str)> {
        let mut best: BTreeMap<usize, (Entry, f32, &str)> = BTreeMap::new();
        for (known, entries) in &self.entries {
            let likeness = if known == folded {
                1.0
            } else {
                fold::likeness(folded, known)
            };
            if likeness < least {
                continue;
            }
            for entry in entries
                .iter()
                .filter(|entry| entry.strength != Strength::Id)
            {
                let slot = best
                    .entry(entry.register)
                    .or_insert((*entry, likeness, known));
                if likeness > slot.1 {
                    *slot = (*entry, likeness, known);
                }
            }
        }
        best.into_values().collect()
    }
}
