//! Writing workbooks, CSV and JSON.
