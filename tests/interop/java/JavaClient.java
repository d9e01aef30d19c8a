import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An MCP client of the official Java SDK. Arguments: the command to start. */
public class JavaClient {
  public static void main(String[] command) throws Exception {
    var json = McpJsonDefaults.getMapper();
    BlockingQueue<String> logs = new LinkedBlockingQueue<>();
    BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
    BlockingQueue<String> updates = new LinkedBlockingQueue<>();
    Collection<Double> progress = new ConcurrentSkipListSet<>();

    var parameters = ServerParameters.builder(command[0])
        .args(List.of(command).subList(1, command.length)).env(System.getenv()).build();
    var transport = new StdioClientTransport(parameters, json);
    transport.setStdErrorHandler(System.err::println);
    var client = McpClient.sync(transport)
        .requestTimeout(Duration.ofSeconds(30))
        .clientInfo(new McpSchema.Implementation("java-client", "1.0.0"))
        .capabilities(McpSchema.ClientCapabilities.builder()
            .elicitation(true, false).sampling().roots(false).build())
        .roots(McpSchema.Root.builder("file:///work").build())
        .elicitation(request -> McpSchema.ElicitResult
            .builder(McpSchema.ElicitResult.Action.ACCEPT).content(Map.of("name", "Ada")).build())
        .sampling(request -> McpSchema.CreateMessageResult
            .builder(McpSchema.Role.ASSISTANT, "words", "test-model").build())
        .progressConsumer(notification -> progress.add(notification.progress()))
        .loggingConsumer(notification -> logs.add(notification.data()))
        .toolsChangeConsumer(tools -> changes.add(true))
        // The SDK has read the resource.
        .resourcesUpdateConsumer(contents -> updates.add(contents.get(0).uri()))
        .build();

    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("protocol", client.initialize().protocolVersion());
    client.subscribeResource(new McpSchema.SubscribeRequest("note://clock"));
    seen.put("tools", client.listTools().tools().stream().map(McpSchema.Tool::name).toList());
    seen.put("echo", call(client, "echo", Map.of("text", "Grüße")));
    var identity = json.readValue(call(client, "whoami", Map.of()), Map.class);
    seen.put("clientId", identity.get("clientId"));
    var countdown = McpSchema.CallToolRequest.builder("countdown")
        .arguments(Map.of("from", 3)).progressToken("countdown").build();
    seen.put("countdown", text(client.callTool(countdown)));
    for (int waited = 0; progress.size() < 3 && waited < 20; waited++) {
      Thread.sleep(100);
    }
    // The SDK handles notifications in threads of their own.
    seen.put("progress", List.copyOf(progress));
    if (client.getServerCapabilities().logging() != null) {
      client.setLoggingLevel(McpSchema.LoggingLevel.INFO);
    }
    call(client, "log", Map.of());
    seen.put("logging", logs.poll(2, TimeUnit.SECONDS));
    seen.put("elicitation", call(client, "ask_name", Map.of()));
    seen.put("sampling", call(client, "summarize", Map.of("text", "many words")));
    seen.put("roots", call(client, "roots", Map.of()));
    call(client, "change_tools", Map.of());
    seen.put("list_changed", changes.poll(2, TimeUnit.SECONDS) != null);
    call(client, "change_resource", Map.of());
    seen.put("updated", updates.poll(2, TimeUnit.SECONDS));
    // The SDK has no way to cancel a request.

    System.out.println("restart");
    new BufferedReader(new InputStreamReader(System.in)).readLine();
    seen.put("restart", call(client, "echo", Map.of("text", "again")));
    String updatedAgain = null;
    // The subscription is opened again after a pause.
    for (int attempt = 0; attempt < 5 && updatedAgain == null; attempt++) {
      call(client, "change_resource", Map.of());
      updatedAgain = updates.poll(2, TimeUnit.SECONDS);
    }
    seen.put("updated_again", updatedAgain);
    System.out.println(json.writeValueAsString(seen));
    client.closeGracefully();
    System.exit(0);
  }

  static String call(
      io.modelcontextprotocol.client.McpSyncClient client, String name, Map<String, Object> arguments) {
    try {
      return text(client.callTool(new McpSchema.CallToolRequest(name, arguments)));
    } catch (RuntimeException error) {
      return "error: " + error.getMessage();
    }
  }

  static String text(McpSchema.CallToolResult result) {
    return ((McpSchema.TextContent) result.content().get(0)).text();
  }
}
