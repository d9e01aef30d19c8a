// An MCP client of the official Go SDK. Arguments: the protocol version, then the command to start.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"

	"interop/events"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	ctx, stop := context.WithTimeout(context.Background(), 90*time.Second)
	defer stop()
	progress := make(chan float64, 10)
	logs, changes, updates := make(chan string, 10), make(chan bool, 10), make(chan string, 10)

	client := mcp.NewClient(&mcp.Implementation{Name: "go-client", Version: "1.0.0"}, &mcp.ClientOptions{
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"name": "Ada"}}, nil
		},
		CreateMessageHandler: func(context.Context, *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
			return &mcp.CreateMessageResult{
				Role: "assistant", Model: "test-model", Content: &mcp.TextContent{Text: "words"},
			}, nil
		},
		ProgressNotificationHandler: func(_ context.Context, request *mcp.ProgressNotificationClientRequest) {
			progress <- request.Params.Progress
		},
		LoggingMessageHandler: func(_ context.Context, request *mcp.LoggingMessageRequest) {
			logs <- fmt.Sprint(request.Params.Data)
		},
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changes <- true },
		ResourceUpdatedHandler: func(_ context.Context, request *mcp.ResourceUpdatedNotificationRequest) {
			updates <- request.Params.URI
		},
	})
	client.AddRoots(&mcp.Root{URI: "file:///work"})
	command := exec.Command(os.Args[2], os.Args[3:]...)
	command.Stderr = os.Stderr
	session, err := client.Connect(ctx, &mcp.CommandTransport{Command: command},
		&mcp.ClientSessionOptions{ProtocolVersion: os.Args[1]})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	subscribe := func() {
		if err := session.Subscribe(ctx, &mcp.SubscribeParams{URI: events.Clock}); err != nil {
			fmt.Fprintln(os.Stderr, "subscribe:", err)
		}
	}
	subscribe()

	call := func(ctx context.Context, params *mcp.CallToolParams) string {
		result, err := session.CallTool(ctx, params)
		if err != nil {
			return "error: " + err.Error()
		}
		if len(result.Content) == 0 {
			return "no content"
		}
		if content, ok := result.Content[0].(*mcp.TextContent); ok {
			return content.Text
		}
		return "no text"
	}
	use := func(name string) string { return call(ctx, &mcp.CallToolParams{Name: name}) }
	seen := map[string]any{"protocol": session.InitializeResult().ProtocolVersion}

	var names []string
	for tool, err := range session.Tools(ctx, nil) {
		if err != nil {
			seen["tools error"] = err.Error()
			break
		}
		names = append(names, tool.Name)
	}
	seen["tools"] = names
	withText := func(name, text string) string {
		return call(ctx, &mcp.CallToolParams{Name: name, Arguments: map[string]any{"text": text}})
	}
	seen["echo"] = withText("echo", "Grüße")
	var identity struct{ ClientID string }
	whoami := use("whoami")
	_ = json.Unmarshal([]byte(whoami), &identity)
	seen["clientId"] = identity.ClientID

	countdown := &mcp.CallToolParams{Name: "countdown", Arguments: map[string]any{"from": 3}}
	countdown.SetProgressToken("countdown")
	seen["countdown"] = call(ctx, countdown)
	var reports []float64
	for range 3 {
		if report, ok := events.Receive(progress); ok {
			reports = append(reports, report)
		}
	}
	seen["progress"] = reports

	log := &mcp.CallToolParams{Name: "log"}
	if os.Args[1] >= "2026" {
		log.Meta = mcp.Meta{"io.modelcontextprotocol/logLevel": "info"}
	} else if err := session.SetLoggingLevel(ctx, &mcp.SetLoggingLevelParams{Level: "info"}); err != nil {
		seen["logging error"] = err.Error()
	}
	seen["log call"] = call(ctx, log)
	seen["logging"], _ = events.Receive(logs)
	seen["elicitation"] = use("ask_name")
	seen["sampling"] = withText("summarize", "many words")
	seen["roots"] = use("roots")
	use("change_tools")
	seen["list_changed"], _ = events.Receive(changes)
	use("change_resource")
	seen["updated"], _ = events.Receive(updates)

	short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	call(short, &mcp.CallToolParams{Name: "slow"})
	cancel()
	time.Sleep(500 * time.Millisecond)
	seen["cancelled"] = use("cancelled")

	events.Restart()
	seen["restart"] = withText("echo", "again")
	if os.Args[1] >= "2026" {
		// The SDK does not tell that a subscription was lost.
		_ = session.Unsubscribe(ctx, &mcp.UnsubscribeParams{URI: events.Clock})
		subscribe()
	}
	seen["updated_again"] = events.UpdatedAgain(func() { use("change_resource") }, updates)

	if err := session.Close(); err != nil {
		seen["close error"] = err.Error()
	}
	_ = json.NewEncoder(os.Stdout).Encode(seen)
}
