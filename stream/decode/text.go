package decode

import "github.com/oriel-stream/oriel/stream"

// textFormat takes payloads as opaque bytes: records can only be counted.
func textFormat() format {
	return format{
		name:       formatText,
		countsOnly: true,
		newReader:  func([]path) reader { return textReader{} },
		leaves:     func([]byte, int) ([]leaf, bool) { return nil, true },
	}
}

type textReader struct{}

func (textReader) read([]byte) stream.Reason { return stream.OK }

func (textReader) field(int) field { return field{} }
