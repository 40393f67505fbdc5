package decode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// ProtoMessage is the message that payloads are. It may be shared.
type ProtoMessage struct {
	descriptor protoreflect.MessageDescriptor
}

// LoadProto reads --proto: a .proto file, whose imports lie beside it, or a
// FileDescriptorSet as protoc --include_imports -o writes it. name is the
// message's, --proto-message: full, or as much of its end as is needed. Without
// one it is the one message that is no part of others. read reads a file.
func LoadProto(ctx context.Context, file, name string, read func(string) ([]byte, error)) (*ProtoMessage, error) {
	content, err := read(file)
	if err != nil {
		return nil, err
	}
	var declared []protoreflect.FileDescriptor
	if strings.HasSuffix(file, ".proto") {
		dir, base := filepath.Split(file)
		d, err := compileFile(ctx, base, func(path string) (io.ReadCloser, error) {
			b, err := read(filepath.Join(dir, path))
			return io.NopCloser(bytes.NewReader(b)), err
		})
		if err != nil {
			return nil, err
		}
		declared = append(declared, d)
	} else if declared, err = descriptorSet(content); err != nil {
		return nil, fmt.Errorf("%s is neither a .proto file nor a FileDescriptorSet: %w", file, err)
	}
	message, err := chooseMessage(declared, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &ProtoMessage{message}, nil
}

// compileProto compiles the text of a schema whose imports are references.
func compileProto(ctx context.Context, text string, imports map[string]string) (protoreflect.FileDescriptor, error) {
	const name = "schema.proto"
	return compileFile(ctx, name, func(path string) (io.ReadCloser, error) {
		if path == name {
			return io.NopCloser(strings.NewReader(text)), nil
		}
		imported, ok := imports[path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return io.NopCloser(strings.NewReader(imported)), nil
	})
}

func compileFile(ctx context.Context, name string, open func(string) (io.ReadCloser, error)) (protoreflect.FileDescriptor, error) {
	c := protocompile.Compiler{
		MaxParallelism: 1,
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{Accessor: open}),
	}
	files, err := c.Compile(ctx, name)
	if err != nil {
		return nil, err
	}
	return files[0], nil
}

// descriptorSet returns the files of a FileDescriptorSet.
func descriptorSet(b []byte) ([]protoreflect.FileDescriptor, error) {
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(b, &set); err != nil {
		return nil, err
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		return nil, err
	}
	var declared []protoreflect.FileDescriptor
	for _, f := range set.File {
		d, err := files.FindFileByPath(f.GetName())
		if err != nil {
			return nil, err
		}
		declared = append(declared, d)
	}
	return declared, nil
}

// chooseMessage finds the message of that name, or the only one that is no part
// of another.
func chooseMessage(files []protoreflect.FileDescriptor, name string) (protoreflect.MessageDescriptor, error) {
	var all, fit []protoreflect.MessageDescriptor
	for _, f := range files {
		if !strings.HasPrefix(f.Path(), "google/protobuf/") {
			all = appendMessages(all, f.Messages())
		}
	}
	parts := partsOf(all)
	for _, m := range all {
		full := string(m.FullName())
		_, isNested := m.Parent().(protoreflect.MessageDescriptor)
		if name == "" && !isNested && !parts[m.FullName()] || name != "" && (full == name || strings.HasSuffix(full, "."+name)) {
			fit = append(fit, m)
		}
	}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(all) == 0:
		return nil, errors.New("it declares no message")
	case name != "" && len(fit) == 0:
		return nil, fmt.Errorf("there is no message %s: name one of %s", name, fullNames(all))
	case len(fit) == 0:
		fit = all
	}
	return nil, fmt.Errorf("it declares %d messages: name one with --proto-message, %s", len(fit), fullNames(fit))
}

func appendMessages(all []protoreflect.MessageDescriptor, declared protoreflect.MessageDescriptors) []protoreflect.MessageDescriptor {
	for i := range declared.Len() {
		if m := declared.Get(i); !m.IsMapEntry() {
			all = appendMessages(append(all, m), m.Messages())
		}
	}
	return all
}

// partsOf are the messages that are fields of others.
func partsOf(all []protoreflect.MessageDescriptor) map[protoreflect.FullName]bool {
	parts := make(map[protoreflect.FullName]bool)
	for _, m := range all {
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			if f.IsMap() {
				f = f.MapValue()
			}
			if part := f.Message(); part != nil && part.FullName() != m.FullName() {
				parts[part.FullName()] = true
			}
		}
	}
	return parts
}

// maxNamed is how many messages an error lists.
const maxNamed = 10

func fullNames(messages []protoreflect.MessageDescriptor) string {
	var names []string
	for _, m := range messages {
		names = append(names, string(m.FullName()))
	}
	slices.Sort(names)
	if len(names) > maxNamed {
		names = append(names[:maxNamed], "...")
	}
	return strings.Join(names, ", ")
}
