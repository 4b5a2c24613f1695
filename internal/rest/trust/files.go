package trust

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/rest/call"
)

func (s *Area) registerFiles(a *call.API, reads, sends call.Policy) {
	sends.Needs = []people.Permission{people.DecideCases, people.AnswerCases}
	call.Handle(a, "POST /v1/cases/{case}/files", "send-case-file", "Add a file to the evidence, or send it with a message, an answer or an appeal", sends, s.sendFile)
	call.Handle(a, "GET /v1/cases/{case}/files", "list-case-files", "The files of a case, in their order; to its publisher those that it can read", reads, s.listFiles)
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
	As      string `query:"as" enum:"evidence,message,appeal" default:"evidence" doc:"The operator sends evidence or a message. What a publisher sends is an answer, or its appeal."`
	Text    string `query:"text" maxLength:"500" doc:"Of a message or an answer; left out: the file's name stands for it. An appeal needs one."`
	RawBody []byte `contentType:"application/octet-stream" doc:"PDF, PNG, JPEG or plain text, of 5 MiB at the most. What it is, its bytes say."`
}

func (s *Area) sendFile(ctx context.Context, in *sendFileInput) (*caseOutput, error) {
	u := cases.Upload{Name: in.Name, Data: in.RawBody}
	if own := call.Of(ctx).Key.Publisher; own != "" {
		by, err := call.Acts(ctx, people.AnswerCases)
		if err != nil {
			return nil, err
		}
		if in.As == "appeal" {
			return s.asPublisher(ctx, own)(s.Cases.Appeal(ctx, in.Case, own, by, in.Text, &u))
		}
		return s.asPublisher(ctx, own)(s.Cases.AnswerWith(ctx, in.Case, own, by, in.Text, u))
	}
	by, err := call.Acts(ctx, people.DecideCases)
	if err != nil {
		return nil, err
	}
	switch in.As {
	case "message":
		return done(s.Cases.SayWith(ctx, in.Case, by, in.Text, u))
	case "appeal":
		return nil, call.NewProblem(call.NotAllowed, call.ProblemError{Field: "as", Reason: "only the publisher itself appeals", Fix: "use a key of the publisher"})
	}
	return done(s.Cases.Attach(ctx, in.Case, by, u))
}

type listFilesInput struct {
	Case string `path:"case" maxLength:"200"`
}

type fileView struct {
	File          int       `json:"file" doc:"Its number in the case."`
	Name          string    `json:"name"`
	Type          string    `json:"type" doc:"What its bytes say that it is."`
	Size          int64     `json:"size" doc:"In bytes."`
	SHA256        string    `json:"sha256"`
	By            string    `json:"by,omitempty" doc:"To its publisher: nobody of the operator."`
	FromPublisher bool      `json:"from_publisher"`
	At            time.Time `json:"at"`
}

type listFilesOutput struct {
	Body struct {
		Files []fileView `json:"files" nullable:"false"`
	}
}

func (s *Area) listFiles(ctx context.Context, in *listFilesInput) (*listFilesOutput, error) {
	var files []cases.File
	var err error
	if own := call.Of(ctx).Key.Publisher; own != "" {
		files, err = s.Cases.OwnFiles(ctx, in.Case, own)
	} else {
		files, err = s.Cases.Files(ctx, in.Case)
	}
	if err != nil {
		return nil, refused(err)
	}
	out := &listFilesOutput{}
	out.Body.Files = make([]fileView, len(files))
	for i, f := range files {
		out.Body.Files[i] = fileView{f.Number, f.Name, f.Type, f.Size, f.SHA256, f.By, f.FromPublisher, f.At}
	}
	return out, nil
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
