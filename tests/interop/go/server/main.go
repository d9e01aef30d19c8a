// An MCP server of the official Go SDK that is an OAuth resource server.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"interop/tokens"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

type none struct{}

const clock = "note://clock"

func text(text string) (*mcp.CallToolResult, any, error) {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil, nil
}

// ask makes the result that has the client answer a question.
func ask(question mcp.InputRequest) (*mcp.CallToolResult, any, error) {
	return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{"question": question}}, nil, nil
}

func main() {
	base := "http://127.0.0.1:" + os.Getenv("PORT")
	url := base + "/mcp"
	server := mcp.NewServer(&mcp.Implementation{Name: "go", Version: "1.0.0"}, &mcp.ServerOptions{
		SubscribeHandler:   func(context.Context, *mcp.SubscribeRequest) error { return nil },
		UnsubscribeHandler: func(context.Context, *mcp.UnsubscribeRequest) error { return nil },
	})
	var cancelled, added atomic.Int32
	server.AddResource(&mcp.Resource{Name: "clock", URI: clock},
		func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: clock, Text: "noon"}}}, nil
		})

	mcp.AddTool(server, &mcp.Tool{Name: "echo"},
		func(_ context.Context, _ *mcp.CallToolRequest, args struct {
			Text string `json:"text"`
		}) (*mcp.CallToolResult, any, error) {
			return text(args.Text)
		})
	mcp.AddTool(server, &mcp.Tool{Name: "whoami"},
		func(_ context.Context, request *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
			info := request.Extra.TokenInfo
			identity, err := json.Marshal(map[string]any{"clientId": info.UserID, "scopes": info.Scopes})
			if err != nil {
				return nil, nil, err
			}
			return text(string(identity))
		})
	mcp.AddTool(server, &mcp.Tool{Name: "countdown"},
		func(ctx context.Context, request *mcp.CallToolRequest, _ struct {
			From int `json:"from"`
		}) (*mcp.CallToolResult, any, error) {
			for progress := 1.0; progress <= 3; progress++ {
				report := &mcp.ProgressNotificationParams{
					ProgressToken: request.Params.GetProgressToken(), Progress: progress, Total: 3,
				}
				if err := request.Session.NotifyProgress(ctx, report); err != nil {
					return nil, nil, err
				}
			}
			return text("Liftoff")
		})
	mcp.AddTool(server, &mcp.Tool{Name: "log"},
		func(ctx context.Context, request *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
			message := &mcp.LoggingMessageParams{Level: "warning", Logger: "test", Data: "a message"}
			if err := request.Session.Log(ctx, message); err != nil {
				return nil, nil, err
			}
			return text("logged")
		})
	mcp.AddTool(server, &mcp.Tool{Name: "ask_name"},
		func(_ context.Context, request *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
			if answer, ok := request.Params.InputResponses["question"].(*mcp.ElicitResult); ok {
				return text(fmt.Sprintf("Hello, %v", answer.Content["name"]))
			}
			return ask(&mcp.ElicitParams{Message: "What is your name?", RequestedSchema: &jsonschema.Schema{
				Type:       "object",
				Properties: map[string]*jsonschema.Schema{"name": {Type: "string"}},
			}})
		})
	mcp.AddTool(server, &mcp.Tool{Name: "summarize"},
		func(_ context.Context, request *mcp.CallToolRequest, args struct {
			Text string `json:"text"`
		}) (*mcp.CallToolResult, any, error) {
			if answer, ok := request.Params.InputResponses["question"].(*mcp.CreateMessageWithToolsResult); ok {
				content, err := json.Marshal(answer.Content[0])
				if err != nil {
					return nil, nil, err
				}
				var model struct{ Text string }
				if err := json.Unmarshal(content, &model); err != nil {
					return nil, nil, err
				}
				return text("In short: " + model.Text)
			}
			return ask(&mcp.CreateMessageParams{MaxTokens: 100, Messages: []*mcp.SamplingMessage{
				{Role: "user", Content: &mcp.TextContent{Text: "Sum up: " + args.Text}},
			}})
		})
	mcp.AddTool(server, &mcp.Tool{Name: "roots"},
		func(_ context.Context, request *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
			if answer, ok := request.Params.InputResponses["question"].(*mcp.ListRootsResult); ok {
				return text(answer.Roots[0].URI)
			}
			return ask(&mcp.ListRootsParams{})
		})
	mcp.AddTool(server, &mcp.Tool{Name: "slow"},
		func(ctx context.Context, _ *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
			select {
			case <-ctx.Done():
				cancelled.Add(1)
			case <-time.After(20 * time.Second):
			}
			return text("done")
		})
	mcp.AddTool(server, &mcp.Tool{Name: "cancelled"},
		func(context.Context, *mcp.CallToolRequest, none) (*mcp.CallToolResult, any, error) {
			return text(fmt.Sprint(cancelled.Load()))
		})
	mcp.AddTool(server, &mcp.Tool{Name: "change_tools"},
		func(context.Context, *mcp.CallToolRequest, none) (*mcp.CallToolResult, any, error) {
			mcp.AddTool(server, &mcp.Tool{Name: fmt.Sprintf("added-%d", added.Add(1))},
				func(context.Context, *mcp.CallToolRequest, none) (*mcp.CallToolResult, any, error) {
					return text("added")
				})
			return text("changed")
		})
	mcp.AddTool(server, &mcp.Tool{Name: "change_resource"},
		func(ctx context.Context, _ *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
			if err := server.ResourceUpdated(ctx, &mcp.ResourceUpdatedNotificationParams{URI: clock}); err != nil {
				return nil, nil, err
			}
			return text("changed")
		})

	metadataURL := base + "/.well-known/oauth-protected-resource/mcp"
	http.Handle(strings.TrimPrefix(metadataURL, base), auth.ProtectedResourceMetadataHandler(
		&oauthex.ProtectedResourceMetadata{
			Resource:             url,
			AuthorizationServers: []string{os.Getenv("ISSUER")},
			ScopesSupported:      []string{"mcp:tools"},
		}))
	verify := func(_ context.Context, bearer string, _ *http.Request) (*auth.TokenInfo, error) {
		token, err := tokens.Verify(bearer, url)
		if err != nil {
			return nil, fmt.Errorf("%w: %v", auth.ErrInvalidToken, err)
		}
		return &auth.TokenInfo{UserID: token.ClientID, Scopes: token.Scopes, Expiration: token.Expiration}, nil
	}
	protect := auth.RequireBearerToken(verify, &auth.RequireBearerTokenOptions{
		Scopes: []string{"mcp:tools"}, ResourceMetadataURL: metadataURL,
	})
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)
	http.Handle("/mcp", protect(handler))
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
