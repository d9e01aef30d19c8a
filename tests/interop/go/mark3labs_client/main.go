// An MCP client of mark3labs/mcp-go. Arguments: the protocol version, then the command to start.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"interop/events"

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
	ctx, stop := context.WithTimeout(context.Background(), 90*time.Second)
	defer stop()
	version := os.Args[1]
	progress := make(chan float64, 10)
	logs, changes, updates := make(chan string, 10), make(chan bool, 10), make(chan string, 10)

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
		case "notifications/resources/updated":
			uri, _ := params["uri"].(string)
			updates <- uri
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
		filter := mcp.SubscriptionFilter{ToolsListChanged: true, ResourceSubscriptions: []string{events.Clock}}
		go func() {
			// Opens the subscription again when it is lost, as 2026-07-28 wants of clients.
			for ; listening.Err() == nil; time.Sleep(200 * time.Millisecond) {
				fmt.Fprintln(os.Stderr, "The subscription ended:", session.Listen(listening, filter))
			}
		}()
	} else {
		subscribe := mcp.SubscribeRequest{}
		subscribe.Params.URI = events.Clock
		if err := session.Subscribe(ctx, subscribe); err != nil {
			fmt.Fprintln(os.Stderr, "subscribe:", err)
		}
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
		if report, ok := events.Receive(progress); ok {
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
	seen["logging"], _ = events.Receive(logs)
	seen["elicitation"] = use("ask_name")
	seen["sampling"] = call(ctx, "summarize", map[string]any{"text": "many words"}, nil)
	seen["roots"] = use("roots")
	use("change_tools")
	seen["list_changed"], _ = events.Receive(changes)
	use("change_resource")
	seen["updated"], _ = events.Receive(updates)

	short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	call(short, "slow", nil, nil)
	cancel()
	time.Sleep(500 * time.Millisecond)
	seen["cancelled"] = use("cancelled")

	events.Restart()
	seen["restart"] = call(ctx, "echo", map[string]any{"text": "again"}, nil)
	seen["updated_again"] = events.UpdatedAgain(func() { use("change_resource") }, updates)
	_ = session.Close()
	_ = json.NewEncoder(os.Stdout).Encode(seen)
}
