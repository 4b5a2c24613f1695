package trust

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/rest/call"
)

func (s *Area) registerFiles(a *call.API, reads, sends call.Policy) {
	sends.Needs = []people.Permission{people.DecideCases, people.AnswerCases}
	call.Handle(a, "POST /v1/cases/{case}/files", "send-case-file", "Add a file to the evidence, or send it with a message or an answer", sends, s.sendFile)
	call.Handle(a, "GET /v1/cases/{case}/files/{file}", "get-case-file", "A file of a case; to its publisher what came with the conversation, and what a decision rests on", reads, s.getFile, func(op *huma.Operation) {
		file := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
		op.Responses["200"] = &huma.Response{Description: "The file, byte for byte as it was sent.", Content: map[string]*huma.MediaType{
			"application/pdf": file, "image/png": file, "image/jpeg": file, "text/plain": {Schema: &huma.Schema{Type: "string"}},
		}}
	})
}

type sendFileInput struct {
	Case    string `path:"case" maxLength:"200"`
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"200" doc:"Of the file, such as clicks.pdf."`
	As      string `query:"as" enum:"evidence,message" default:"evidence" doc:"Of the operator. What a publisher sends is an answer."`
	Text    string `query:"text" maxLength:"500" doc:"Of a message or an answer; left out: the file's name stands for it."`
	RawBody []byte `contentType:"application/octet-stream" doc:"PDF, PNG, JPEG or plain text, of 5 MiB at the most. What it is, its bytes say."`
}

func (s *Area) sendFile(ctx context.Context, in *sendFileInput) (*caseOutput, error) {
	u := cases.Upload{Name: in.Name, Data: in.RawBody}
	if own := call.Of(ctx).Key.Publisher; own != "" {
		by, err := call.Acts(ctx, people.AnswerCases)
		if err != nil {
			return nil, err
		}
		return s.asPublisher(ctx, own)(s.Cases.AnswerWith(ctx, in.Case, own, by, in.Text, u))
	}
	by, err := call.Acts(ctx, people.DecideCases)
	if err != nil {
		return nil, err
	}
	if in.As == "message" {
		return done(s.Cases.SayWith(ctx, in.Case, by, in.Text, u))
	}
	return done(s.Cases.Attach(ctx, in.Case, by, u))
}

type caseFileInput struct {
	Case string `path:"case" maxLength:"200"`
	File int    `path:"file" minimum:"1" maximum:"1000" doc:"Its number in the case."`
}

func (s *Area) getFile(ctx context.Context, in *caseFileInput) (*huma.StreamResponse, error) {
	var f cases.File
	var err error
	if own := call.Of(ctx).Key.Publisher; own != "" {
		f, err = s.Cases.OwnFile(ctx, in.Case, own, in.File)
	} else {
		f, err = s.Cases.File(ctx, in.Case, in.File)
	}
	if err != nil {
		return nil, refused(err)
	}
	return call.File(f.Type, f.Name, f.Data), nil
}
