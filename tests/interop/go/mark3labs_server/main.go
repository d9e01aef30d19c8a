// An MCP server of mark3labs/mcp-go that is an OAuth resource server.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"interop/tokens"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

type tokenKey struct{}

const (
	question = "question"
	clock    = "note://clock"
)

func main() {
	base := "http://127.0.0.1:" + os.Getenv("PORT")
	url := base + "/mcp"
	// The SDK knows who subscribed, but has no function that tells them of a change.
	var subscribers sync.Map
	hooks := &server.Hooks{}
	hooks.AddAfterSubscribe(func(ctx context.Context, _ any, _ *mcp.SubscribeRequest, _ *mcp.EmptyResult) {
		// Without the end of the request.
		subscribers.Store(context.WithoutCancel(ctx), nil)
	})
	hooks.AddBeforeSubscriptionsListen(func(ctx context.Context, _ any, _ *mcp.SubscriptionsListenRequest) {
		subscribers.Store(ctx, nil)
	})
	mcpServer := server.NewMCPServer("mark3labs", "1.0.0", server.WithHooks(hooks),
		server.WithToolCapabilities(true), server.WithResourceCapabilities(true, false),
		server.WithLogging(), server.WithElicitation(), server.WithRoots())
	mcpServer.EnableSampling()
	var cancelled, added atomic.Int32

	tool := func(name string, handler func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error), options ...mcp.ToolOption) {
		mcpServer.AddTool(mcp.NewTool(name, options...), handler)
	}
	text := func(text string) (*mcp.CallToolResult, error) { return mcp.NewToolResultText(text), nil }

	tool("echo", func(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(request.GetString("text", ""))
	}, mcp.WithString("text"))
	tool("whoami", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		token := ctx.Value(tokenKey{}).(*tokens.Token)
		identity, err := json.Marshal(map[string]any{"clientId": token.ClientID, "scopes": token.Scopes})
		if err != nil {
			return nil, err
		}
		return text(string(identity))
	})
	tool("countdown", func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for progress := 1; progress <= 3; progress++ {
			params := map[string]any{"progressToken": request.Params.Meta.ProgressToken, "progress": progress, "total": 3}
			if err := mcpServer.SendNotificationToClient(ctx, "notifications/progress", params); err != nil {
				return nil, err
			}
			// This SDK may reorder or drop notifications that follow one another, or the answer, too soon.
			time.Sleep(50 * time.Millisecond)
		}
		return text("Liftoff")
	}, mcp.WithNumber("from"))
	tool("log", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		message := mcp.NewLoggingMessageNotification(mcp.LoggingLevelWarning, "test", "a message")
		if err := mcpServer.SendLogMessageToClient(ctx, message); err != nil {
			return nil, err
		}
		time.Sleep(50 * time.Millisecond) // As above.
		return text("logged")
	})
	tool("ask_name", func(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if answer := server.ElicitationResponse(request.Params.InputResponses, question); answer != nil {
			content, _ := answer.Content.(map[string]any)
			return text(fmt.Sprintf("Hello, %v", content["name"]))
		}
		return server.NewInputRequestBuilder("").Elicit(question, mcp.ElicitationParams{
			Mode:    mcp.ElicitationModeForm,
			Message: "What is your name?",
			RequestedSchema: map[string]any{
				"type":       "object",
				"properties": map[string]any{"name": map[string]any{"type": "string"}},
			},
		}).ToolResult(), nil
	})
	tool("summarize", func(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if answer := server.SamplingResponse(request.Params.InputResponses, question); answer != nil {
			content, err := json.Marshal(answer.Content)
			if err != nil {
				return nil, err
			}
			var model struct{ Text string }
			if err := json.Unmarshal(content, &model); err != nil {
				return nil, err
			}
			return text("In short: " + model.Text)
		}
		content := mcp.NewTextContent("Sum up: " + request.GetString("text", ""))
		return server.NewInputRequestBuilder("").Sample(question, mcp.CreateMessageParams{
			MaxTokens: 100, Messages: []mcp.SamplingMessage{{Role: mcp.RoleUser, Content: content}},
		}).ToolResult(), nil
	}, mcp.WithString("text"))
	tool("roots", func(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if answer := server.RootsResponse(request.Params.InputResponses, question); answer != nil {
			return text(answer.Roots[0].URI)
		}
		return server.NewInputRequestBuilder("").Roots(question).ToolResult(), nil
	})
	tool("slow", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		select {
		case <-ctx.Done():
			cancelled.Add(1)
		case <-time.After(20 * time.Second):
		}
		return text("done")
	})
	tool("cancelled", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(fmt.Sprint(cancelled.Load()))
	})
	tool("change_tools", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		tool(fmt.Sprintf("added-%d", added.Add(1)), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return text("added")
		})
		return text("changed")
	})
	tool("change_resource", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		subscribers.Range(func(subscriber, _ any) bool {
			ctx := subscriber.(context.Context)
			if ctx.Err() == nil {
				_ = mcpServer.SendNotificationToClient(ctx, "notifications/resources/updated", map[string]any{"uri": clock})
			}
			return true
		})
		return text("changed")
	})
	mcpServer.AddResource(mcp.NewResource(clock, "clock"),
		func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			return []mcp.ResourceContents{mcp.TextResourceContents{URI: clock, Text: "noon"}}, nil
		})

	metadata := server.ProtectedResourceMetadataConfig{
		Resource: url, AuthorizationServers: []string{os.Getenv("ISSUER")}, ScopesSupported: []string{"mcp:tools"},
	}
	metadataPath := server.WellKnownProtectedResourcePath + "/mcp"
	http.HandleFunc(metadataPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(metadata)
	})
	handler := server.NewStreamableHTTPServer(mcpServer)
	http.HandleFunc("/mcp", func(w http.ResponseWriter, r *http.Request) {
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		token, err := tokens.Verify(bearer, url)
		if err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="`+base+metadataPath+`", scope="mcp:tools"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), tokenKey{}, token)))
	})
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
