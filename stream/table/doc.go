// Package table writes windows for people (Writer) and for spreadsheets (CSV).
package table
