//! An MCP client of the official Rust SDK. Arguments: the protocol version, then the command to start.
#![allow(deprecated)] // 2026-07-28 deprecates roots, sampling and logging.

use std::time::Duration;

use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, ErrorData, Peer, RoleClient,
    ServiceError,
    model::*,
    service::{
        NotificationContext, PeerRequestOptions, RequestContext, RunningService, Subscription,
    },
    transport::TokioChildProcess,
};
use serde_json::{Map, Value, json};
use tokio::{
    process::Command,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{sleep, timeout},
};

struct Client {
    notified: UnboundedSender<(&'static str, Value)>,
}

fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a value of the protocol")
}

impl ClientHandler for Client {
    fn get_info(&self) -> ClientConfig {
        let capabilities = json!({ "elicitation": { "form": {} }, "sampling": {}, "roots": {} });
        let mut config = ClientConfig::default();
        config.capabilities = from_json(capabilities);
        config.protocol_version = ProtocolVersion::V_2025_11_25;
        config.client_info = Implementation::new("rust-client", "1.0.0");
        config
    }

    async fn create_message(
        &self,
        _: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        let content = json!({ "type": "text", "text": "words" });
        Ok(from_json(
            json!({ "role": "assistant", "model": "test-model", "content": content }),
        ))
    }

    async fn create_elicitation(
        &self,
        _: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        Ok(from_json(
            json!({ "action": "accept", "content": { "name": "Ada" } }),
        ))
    }

    async fn list_roots(
        &self,
        _: RequestContext<RoleClient>,
    ) -> Result<ListRootsResult, ErrorData> {
        Ok(from_json(json!({ "roots": [{ "uri": "file:///work" }] })))
    }

    async fn on_progress(
        &self,
        params: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.notified
            .send(("progress", json!(params.progress)))
            .ok();
    }

    async fn on_logging_message(
        &self,
        params: LoggingMessageNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.notified.send(("logging", params.data)).ok();
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.notified.send(("list_changed", json!(true))).ok();
    }

    async fn on_resource_updated(
        &self,
        params: ResourceUpdatedNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.notified.send(("updated", json!(params.uri))).ok();
    }
}

const CLOCK: &str = "note://clock";

type Arguments = Map<String, Value>;

fn params(name: &'static str, arguments: Value) -> CallToolRequestParams {
    let arguments: Arguments = from_json(arguments);
    CallToolRequestParams::new(name).with_arguments(arguments)
}

async fn call(
    client: &RunningService<RoleClient, Client>,
    params: CallToolRequestParams,
) -> String {
    match client.call_tool(params).await {
        Ok(result) => text_of(&json!(result)),
        Err(error) => format!("error: {error}"),
    }
}

fn text_of(result: &Value) -> String {
    result["content"][0]["text"]
        .as_str()
        .unwrap_or("no text")
        .to_owned()
}

/// Waits a moment for a notification.
async fn receive(
    notified: &mut UnboundedReceiver<(&'static str, Value)>,
    wanted: &str,
) -> Option<Value> {
    timeout(Duration::from_secs(2), async {
        loop {
            let (kind, value) = notified.recv().await?;
            if kind == wanted {
                return Some(value);
            }
        }
    })
    .await
    .ok()?
}

async fn listen(peer: &Peer<RoleClient>) -> Result<Subscription, ServiceError> {
    let filter = json!({ "toolsListChanged": true, "resourceSubscriptions": [CLOCK] });
    peer.listen(from_json(filter)).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let is_modern = arguments[1].as_str() >= "2026";
    let lifecycle = if is_modern {
        ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        }
    } else {
        ClientLifecycleMode::Initialize
    };
    let mut command = Command::new(&arguments[2]);
    command.args(&arguments[3..]);
    let (notified, mut notifications) = unbounded_channel();
    let client = Client {
        notified: notified.clone(),
    }
    .serve_with_lifecycle(TokioChildProcess::new(command)?, lifecycle)
    .await?;
    let peer = client.peer();
    let protocol = if is_modern {
        json!("2026-07-28")
    } else {
        json!(peer.peer_info().map(|info| info.protocol_version.clone()))
    };
    if is_modern {
        let mut subscription = listen(peer).await?;
        let peer = peer.clone();
        tokio::spawn(async move {
            loop {
                while let Ok(Some(notification)) = subscription.next().await {
                    let event = match notification {
                        ServerNotification::ToolListChangedNotification(_) => {
                            ("list_changed", json!(true))
                        }
                        ServerNotification::ResourceUpdatedNotification(update) => {
                            ("updated", json!(update.params.uri))
                        }
                        _ => continue,
                    };
                    notified.send(event).ok();
                }
                // Opens the subscription again when it is lost, as 2026-07-28 wants of clients.
                subscription = loop {
                    sleep(Duration::from_millis(200)).await;
                    if let Ok(again) = listen(&peer).await {
                        break again;
                    }
                };
            }
        });
    } else {
        peer.subscribe(SubscribeRequestParams::new(CLOCK)).await?;
    }

    let tools: Vec<_> = peer
        .list_all_tools()
        .await?
        .into_iter()
        .map(|tool| tool.name)
        .collect();
    let echo = call(&client, params("echo", json!({ "text": "Grüße" }))).await;
    let identity: Value =
        serde_json::from_str(&call(&client, params("whoami", json!({}))).await).unwrap_or_default();
    // The SDK puts a progress token into each request.
    let countdown = call(&client, params("countdown", json!({ "from": 3 }))).await;
    let mut progress = vec![];
    while progress.len() < 3 {
        match receive(&mut notifications, "progress").await {
            Some(value) => progress.push(value),
            None => break,
        }
    }
    // The SDK handles notifications concurrently.
    progress.sort_by(|a: &Value, b| a.as_f64().partial_cmp(&b.as_f64()).expect("numbers"));
    let mut log = params("log", json!({}));
    if is_modern {
        log.meta = Some(from_json(
            json!({ "io.modelcontextprotocol/logLevel": "info" }),
        ));
    } else {
        peer.set_level(SetLevelRequestParams::new(LoggingLevel::Info))
            .await
            .ok();
    }
    call(&client, log).await;
    let logging = receive(&mut notifications, "logging").await;
    let elicitation = call(&client, params("ask_name", json!({}))).await;
    let sampling = call(
        &client,
        params("summarize", json!({ "text": "many words" })),
    )
    .await;
    let roots = call(&client, params("roots", json!({}))).await;
    call(&client, params("change_tools", json!({}))).await;
    let list_changed = receive(&mut notifications, "list_changed").await;
    call(&client, params("change_resource", json!({}))).await;
    let updated = receive(&mut notifications, "updated").await;

    let slow = Request::new(params("slow", json!({})));
    let slow = peer
        .send_cancellable_request(
            ClientRequest::CallToolRequest(slow),
            PeerRequestOptions::no_options(),
        )
        .await?;
    sleep(Duration::from_millis(500)).await;
    slow.cancel(None).await?;
    sleep(Duration::from_millis(500)).await;
    let cancelled = call(&client, params("cancelled", json!({}))).await;

    println!("restart");
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await??;
    let restart = call(&client, params("echo", json!({ "text": "again" }))).await;
    let mut updated_again = None;
    // The subscription is opened again after a pause.
    for _ in 0..5 {
        call(&client, params("change_resource", json!({}))).await;
        updated_again = receive(&mut notifications, "updated").await;
        if updated_again.is_some() {
            break;
        }
    }
    println!(
        "{}",
        json!({
            "protocol": protocol,
            "tools": tools,
            "echo": echo,
            "clientId": identity["clientId"],
            "countdown": countdown,
            "progress": progress,
            "logging": logging,
            "elicitation": elicitation,
            "sampling": sampling,
            "roots": roots,
            "list_changed": list_changed,
            "updated": updated,
            "cancelled": cancelled,
            "restart": restart,
            "updated_again": updated_again,
        })
    );
    client.cancel().await?;
    Ok(())
}
