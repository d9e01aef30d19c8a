import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncResourceSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** An MCP server of the official Java SDK that is an OAuth resource server. */
public class JavaServer {
  static final String BASE = "http://127.0.0.1:" + System.getenv("PORT");
  static final String CLOCK = "note://clock";
  static final String METADATA = "/.well-known/oauth-protected-resource/mcp";

  interface Handler
      extends BiFunction<McpSyncServerExchange, Map<String, Object>, String> {}

  public static void main(String[] arguments) throws Exception {
    var json = McpJsonDefaults.getMapper();
    var transport = HttpServletStreamableServerTransportProvider.builder()
        .mcpEndpoint("/mcp")
        .contextExtractor(
            request -> McpTransportContext.create(Map.of("token", request.getAttribute("token"))))
        .build();
    var server = McpServer.sync(transport)
        .serverInfo("java", "1.0.0")
        .capabilities(McpSchema.ServerCapabilities.builder()
            .tools(true).resources(true, false).logging().build())
        .build();

    List<SyncToolSpecification> tools = new ArrayList<>();
    tools.add(tool("echo", (exchange, given) -> (String) given.get("text")));
    tools.add(tool("whoami", (exchange, given) -> {
      var token = (JWTClaimsSet) exchange.transportContext().get("token");
      try {
        return json.writeValueAsString(Map.of("clientId", token.getClaim("client_id")));
      } catch (IOException error) {
        throw new IllegalStateException(error);
      }
    }));
    tools.add(new SyncToolSpecification(description("countdown"), (exchange, request) -> {
      var token = request.progressToken();
      for (int step = 1; token != null && step <= 3; step++) {
        exchange.progressNotification(new McpSchema.ProgressNotification(token, step, 3.0, null));
      }
      return result("Liftoff");
    }));
    tools.add(tool("log", (exchange, given) -> {
      exchange.loggingNotification(McpSchema.LoggingMessageNotification
          .builder(McpSchema.LoggingLevel.WARNING, "a message").logger("test").build());
      return "logged";
    }));
    tools.add(tool("ask_name", (exchange, given) -> {
      Map<String, Object> schema =
          Map.of("type", "object", "properties", Map.of("name", Map.of("type", "string")));
      var question = McpSchema.ElicitRequest.builder("What is your name?", schema).build();
      return "Hello, " + exchange.createElicitation(question).content().get("name");
    }));
    tools.add(tool("summarize", (exchange, given) -> {
      var text = new McpSchema.TextContent("Sum up: " + given.get("text"));
      var message = new McpSchema.SamplingMessage(McpSchema.Role.USER, text);
      var question = McpSchema.CreateMessageRequest.builder(List.of(message), 100).build();
      var answer = (McpSchema.TextContent) exchange.createMessage(question).content();
      return "In short: " + answer.text();
    }));
    tools.add(tool("roots", (exchange, given) -> exchange.listRoots().roots().get(0).uri()));
    // The SDK does not tell a tool that its call was cancelled.
    tools.add(tool("slow", (exchange, given) -> {
      try {
        Thread.sleep(2000);
      } catch (InterruptedException error) {
        Thread.currentThread().interrupt();
      }
      return "done";
    }));
    tools.add(tool("cancelled", (exchange, given) -> "0"));
    tools.add(tool("change_tools", (exchange, given) -> {
      server.addTool(tool("added-" + System.nanoTime(), (other, none) -> "added"));
      return "changed";
    }));
    tools.add(tool("change_resource", (exchange, given) -> {
      server.notifyResourcesUpdated(new McpSchema.ResourcesUpdatedNotification(CLOCK));
      return "changed";
    }));
    tools.forEach(server::addTool);
    server.addResource(new SyncResourceSpecification(
        McpSchema.Resource.builder(CLOCK, "clock").build(),
        (exchange, request) -> new McpSchema.ReadResourceResult(
            List.of(new McpSchema.TextResourceContents(CLOCK, "text/plain", "noon")))));

    var tomcat = new Tomcat();
    tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    var context = tomcat.addContext("", null);
    Wrapper mcp = Tomcat.addServlet(context, "mcp", transport);
    mcp.setAsyncSupported(true);
    context.addServletMappingDecoded("/mcp", "mcp");
    Tomcat.addServlet(context, "metadata", new HttpServlet() {
      @Override
      protected void doGet(HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        response.setContentType("application/json");
        response.getWriter().write(json.writeValueAsString(Map.of(
            "resource", BASE + "/mcp",
            "authorization_servers", List.of(System.getenv("ISSUER")),
            "scopes_supported", List.of("mcp:tools"))));
      }
    });
    context.addServletMappingDecoded(METADATA, "metadata");
    var definition = new FilterDef();
    definition.setFilterName("protect");
    definition.setFilter(protect());
    definition.setAsyncSupported("true");
    context.addFilterDef(definition);
    var mapping = new FilterMap();
    mapping.setFilterName("protect");
    mapping.addURLPattern("/mcp");
    context.addFilterMap(mapping);
    tomcat.start();
    tomcat.getServer().await();
  }

  static McpSchema.Tool description(String name) {
    return McpSchema.Tool.builder(name, Map.of("type", "object")).build();
  }

  static McpSchema.CallToolResult result(String text) {
    return McpSchema.CallToolResult.builder().addTextContent(text).build();
  }

  static SyncToolSpecification tool(String name, Handler handler) {
    return new SyncToolSpecification(
        description(name),
        (exchange, request) -> result(handler.apply(exchange, request.arguments())));
  }

  /** Checks signature, issuer, audience and expiry of the token. */
  static HttpFilter protect() throws Exception {
    var keys = JWKSourceBuilder.create(URI.create(System.getenv("JWKS_URI")).toURL()).build();
    var processor = new DefaultJWTProcessor<SecurityContext>();
    processor.setJWSTypeVerifier((type, context) -> {});
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.ES256, keys));
    processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
        BASE + "/mcp",
        new JWTClaimsSet.Builder().issuer(System.getenv("ISSUER")).build(),
        Set.of("client_id", "exp")));
    return new HttpFilter() {
      @Override
      protected void doFilter(
          HttpServletRequest request, HttpServletResponse response, jakarta.servlet.FilterChain chain)
          throws IOException, jakarta.servlet.ServletException {
        var header = request.getHeader("authorization");
        try {
          var token = header == null ? "" : header.replaceFirst("^Bearer ", "");
          request.setAttribute("token", processor.process(token, null));
        } catch (Exception error) {
          response.setHeader(
              "www-authenticate",
              "Bearer resource_metadata=\"" + BASE + METADATA + "\", scope=\"mcp:tools\"");
          response.setStatus(401);
          return;
        }
        chain.doFilter(request, response);
      }
    };
  }
}
