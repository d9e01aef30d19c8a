// An MCP client of mark3labs/mcp-go. Arguments: the protocol version, then the command to start.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

type person struct{}

func (person) Elicit(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{
		Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{"name": "Ada"},
	}}, nil
}

func (person) CreateMessage(context.Context, mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
	return &mcp.CreateMessageResult{
		SamplingMessage: mcp.SamplingMessage{Role: mcp.RoleAssistant, Content: mcp.NewTextContent("words")},
		Model:           "test-model",
	}, nil
}

func (person) ListRoots(context.Context, mcp.ListRootsRequest) (*mcp.ListRootsResult, error) {
	return &mcp.ListRootsResult{Roots: []mcp.Root{{URI: "file:///work"}}}, nil
}

func main() {
	ctx, stop := context.WithTimeout(context.Background(), 60*time.Second)
	defer stop()
	version := os.Args[1]
	progress := make(chan float64, 10)
	logs, changes := make(chan string, 10), make(chan bool, 10)

	stdio := transport.NewStdio(os.Args[2], os.Environ(), os.Args[3:]...)
	session := client.NewClient(stdio, client.WithProtocolVersion(version), client.WithElicitationHandler(person{}),
		client.WithSamplingHandler(person{}), client.WithRootsHandler(person{}))
	session.OnNotification(func(notification mcp.JSONRPCNotification) {
		params := notification.Params.AdditionalFields
		switch notification.Method {
		case "notifications/progress":
			value, _ := params["progress"].(float64)
			progress <- value
		case "notifications/message":
			logs <- fmt.Sprint(params["data"])
		case "notifications/tools/list_changed":
			changes <- true
		}
	})
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	fail(session.Start(ctx))
	start := mcp.InitializeRequest{}
	start.Params.ProtocolVersion = version
	start.Params.ClientInfo = mcp.Implementation{Name: "mark3labs-client", Version: "1.0.0"}
	started, err := session.Initialize(ctx, start)
	fail(err)
	if mcp.IsModernProtocol(version) {
		listening, unlisten := context.WithCancel(ctx)
		defer unlisten()
		go func() { _ = session.Listen(listening, mcp.SubscriptionFilter{ToolsListChanged: true}) }()
	}

	call := func(ctx context.Context, name string, arguments map[string]any, meta *mcp.Meta) string {
		if arguments == nil {
			arguments = map[string]any{}
		}
		request := mcp.CallToolRequest{}
		request.Params.Name, request.Params.Arguments, request.Params.Meta = name, arguments, meta
		result, err := session.CallTool(ctx, request)
		if err != nil {
			return "error: " + err.Error()
		}
		if len(result.Content) == 0 {
			return "no content"
		}
		if content, ok := result.Content[0].(mcp.TextContent); ok {
			return content.Text
		}
		return "no text"
	}
	use := func(name string) string { return call(ctx, name, nil, nil) }
	seen := map[string]any{"protocol": started.ProtocolVersion}
	list, err := session.ListTools(ctx, mcp.ListToolsRequest{})
	fail(err)
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
	}
	seen["tools"] = names
	seen["echo"] = call(ctx, "echo", map[string]any{"text": "Grüße"}, nil)
	var identity struct{ ClientID string }
	_ = json.Unmarshal([]byte(use("whoami")), &identity)
	seen["clientId"] = identity.ClientID
	seen["countdown"] = call(ctx, "countdown", map[string]any{"from": 3}, &mcp.Meta{ProgressToken: "countdown"})
	var reports []float64
	for range 3 {
		if report, ok := receive(progress); ok {
			reports = append(reports, report)
		}
	}
	seen["progress"] = reports
	var meta *mcp.Meta
	if mcp.IsModernProtocol(version) {
		meta = &mcp.Meta{AdditionalFields: map[string]any{"io.modelcontextprotocol/logLevel": "info"}}
	} else {
		level := mcp.SetLevelRequest{}
		level.Params.Level = mcp.LoggingLevelInfo
		if err := session.SetLevel(ctx, level); err != nil {
			seen["logging error"] = err.Error()
		}
	}
	seen["log call"] = call(ctx, "log", nil, meta)
	seen["logging"], _ = receive(logs)
	seen["elicitation"] = use("ask_name")
	seen["sampling"] = call(ctx, "summarize", map[string]any{"text": "many words"}, nil)
	seen["roots"] = use("roots")
	use("change_tools")
	seen["list_changed"], _ = receive(changes)

	short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	call(short, "slow", nil, nil)
	cancel()
	time.Sleep(500 * time.Millisecond)
	seen["cancelled"] = use("cancelled")
	_ = session.Close()
	_ = json.NewEncoder(os.Stdout).Encode(seen)
}

// receive waits a moment for a notification.
func receive[T any](channel <-chan T) (T, bool) {
	select {
	case value := <-channel:
		return value, true
	case <-time.After(2 * time.Second):
		var zero T
		return zero, false
	}
}
