//! An MCP server of the official Rust SDK that is an OAuth resource server.
#![allow(deprecated)] // 2026-07-28 deprecates roots, sampling and logging.

use std::{
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::Request,
    http::{StatusCode, request::Parts},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, jwk::JwkSet};
use rmcp::{
    ErrorData, Peer, RoleServer, ServerHandler,
    model::*,
    service::{RequestContext, SubscriptionContext, SubscriptionSendError},
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use serde_json::{Value, json};
use tokio::{sync::broadcast, time::sleep};

/// What all sessions share.
#[derive(Clone)]
struct Server {
    cancelled: Arc<AtomicU32>,
    changed: broadcast::Sender<Change>,
    /// Who has sent `resources/subscribe`.
    subscribers: Arc<Mutex<Vec<Peer<RoleServer>>>>,
}

#[derive(Clone)]
enum Change {
    Tools,
    Clock,
}

const CLOCK: &str = "note://clock";

/// Who sent a request, by its token.
#[derive(Clone)]
struct Identity(Value);

fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a value of the protocol")
}

fn text(text: impl Into<String>) -> Result<CallToolResponse, ErrorData> {
    Ok(CallToolResult::success(vec![ContentBlock::text(text.into())]).into())
}

fn failed(error: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

/// The answer to a question of a tool, if the client has sent it.
fn answer(request: &CallToolRequestParams) -> Option<&Value> {
    request.input_responses.as_ref()?.get("question")
}

/// The result that has a client of 2026-07-28 answer a question.
fn ask(method: &str, params: Value) -> Result<CallToolResponse, ErrorData> {
    Ok(CallToolResponse::InputRequired(from_json(json!({
        "resultType": "input_required",
        "inputRequests": { "question": { "method": method, "params": params } },
        "requestState": "asked",
    }))))
}

fn question() -> Value {
    let schema = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    json!({ "mode": "form", "message": "What is your name?", "requestedSchema": schema })
}

fn prompt(text: &str) -> Value {
    let content = json!({ "type": "text", "text": format!("Sum up: {text}") });
    json!({ "maxTokens": 100, "messages": [{ "role": "user", "content": content }] })
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = json!({
            "tools": { "listChanged": true },
            "resources": { "subscribe": true },
            "logging": {},
        });
        ServerConfig::new(from_json(capabilities))
            .with_server_info(Implementation::new("rust", "1.0.0"))
    }

    async fn set_level(
        &self,
        _: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changed = self.changed.subscribe();
        loop {
            let change = tokio::select! {
                () = context.cancelled() => return Ok(()),
                change = changed.recv() => change.map_err(failed)?,
            };
            let sent = match change {
                Change::Tools => context.sink().notify_tool_list_changed().await,
                Change::Clock => context.sink().notify_resource_updated(CLOCK).await,
            };
            match sent {
                Ok(()) | Err(SubscriptionSendError::NotificationNotAccepted(_)) => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    async fn subscribe(
        &self,
        _: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.subscribers.lock().map_err(failed)?.push(context.peer);
        Ok(())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let clock = json!([{ "uri": CLOCK, "name": "clock" }]);
        Ok(ListResourcesResult::with_all_items(from_json(clock)))
    }

    async fn read_resource(
        &self,
        _: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Ok(ReadResourceResult::new(vec![ResourceContents::text("noon", CLOCK)]).into())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let names = [
            "echo",
            "whoami",
            "countdown",
            "log",
            "ask_name",
            "summarize",
            "roots",
            "slow",
            "cancelled",
            "change_tools",
            "change_resource",
        ];
        let tools = names.map(|name| json!({ "name": name, "inputSchema": { "type": "object" } }));
        Ok(ListToolsResult::with_all_items(from_json(json!(tools))))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let is_modern = context
            .protocol_version()
            .is_some_and(|version| version.as_str() >= "2026");
        let argument = |name: &str| {
            let arguments = request.arguments.as_ref();
            arguments
                .and_then(|all| all[name].as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let peer = &context.peer;
        match request.name.as_ref() {
            "echo" => text(argument("text")),
            "whoami" => {
                let parts = context.extensions.get::<Parts>();
                let identity = parts.and_then(|parts| parts.extensions.get::<Identity>());
                text(
                    identity
                        .map(|Identity(claims)| claims.to_string())
                        .unwrap_or_default(),
                )
            }
            "countdown" => {
                if let Some(token) = context.meta.get_progress_token() {
                    for step in 1..=3 {
                        let progress =
                            ProgressNotificationParam::new(token.clone(), f64::from(step));
                        peer.notify_progress(progress.with_total(3.0))
                            .await
                            .map_err(failed)?;
                    }
                }
                text("Liftoff")
            }
            "log" => {
                let message =
                    LoggingMessageNotificationParam::new(LoggingLevel::Warning, json!("a message"));
                peer.notify_logging_message(message).await.map_err(failed)?;
                text("logged")
            }
            "ask_name" => {
                let answer = match answer(&request) {
                    Some(answer) => answer.clone(),
                    None if is_modern => return ask("elicitation/create", question()),
                    None => json!(
                        peer.create_elicitation(from_json(question()))
                            .await
                            .map_err(failed)?
                    ),
                };
                text(format!(
                    "Hello, {}",
                    answer["content"]["name"].as_str().unwrap_or_default()
                ))
            }
            "summarize" => {
                let prompt = prompt(&argument("text"));
                let answer = match answer(&request) {
                    Some(answer) => answer.clone(),
                    None if is_modern => return ask("sampling/createMessage", prompt),
                    None => json!(
                        peer.create_message(from_json(prompt))
                            .await
                            .map_err(failed)?
                    ),
                };
                text(format!(
                    "In short: {}",
                    answer["content"]["text"].as_str().unwrap_or_default()
                ))
            }
            "roots" => {
                let answer = match answer(&request) {
                    Some(answer) => answer.clone(),
                    None if is_modern => return ask("roots/list", json!({})),
                    None => json!(peer.list_roots().await.map_err(failed)?),
                };
                text(answer["roots"][0]["uri"].as_str().unwrap_or_default())
            }
            "slow" => {
                tokio::select! {
                    () = context.ct.cancelled() => { self.cancelled.fetch_add(1, Ordering::SeqCst); }
                    () = sleep(Duration::from_secs(20)) => {}
                }
                text("done")
            }
            "cancelled" => text(self.cancelled.load(Ordering::SeqCst).to_string()),
            "change_tools" => {
                self.changed.send(Change::Tools).ok();
                if !is_modern {
                    peer.notify_tool_list_changed().await.map_err(failed)?;
                }
                text("changed")
            }
            "change_resource" => {
                self.changed.send(Change::Clock).ok();
                let subscribers = self.subscribers.lock().map_err(failed)?.clone();
                for subscriber in subscribers {
                    let update = ResourceUpdatedNotificationParam::new(CLOCK);
                    // Its session may have ended.
                    subscriber.notify_resource_updated(update).await.ok();
                }
                text("changed")
            }
            name => Err(ErrorData::invalid_params(format!("no tool {name}"), None)),
        }
    }
}

/// Checks signature, issuer, audience and expiry of a token.
async fn verify(
    token: &str,
    audience: &str,
) -> Result<Identity, Box<dyn std::error::Error + Send + Sync>> {
    let keys: JwkSet = reqwest::get(env::var("JWKS_URI")?).await?.json().await?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[env::var("ISSUER")?]);
    let claims =
        decode::<Value>(token, &DecodingKey::from_jwk(&keys.keys[0])?, &validation)?.claims;
    Ok(Identity(
        json!({ "clientId": claims["client_id"], "scopes": claims["scope"] }),
    ))
}

async fn protect(mut request: Request, next: Next, base: String) -> Response {
    let header = request
        .headers()
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    match verify(token.unwrap_or_default(), &format!("{base}/mcp")).await {
        Ok(identity) => {
            request.extensions_mut().insert(identity);
            next.run(request).await
        }
        Err(_) => {
            let metadata = format!("{base}/.well-known/oauth-protected-resource/mcp");
            let challenge = format!("Bearer resource_metadata=\"{metadata}\", scope=\"mcp:tools\"");
            (StatusCode::UNAUTHORIZED, [("www-authenticate", challenge)]).into_response()
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = format!("127.0.0.1:{}", env::var("PORT")?);
    let base = format!("http://{address}");
    let metadata = json!({
        "resource": format!("{base}/mcp"),
        "authorization_servers": [env::var("ISSUER")?],
        "scopes_supported": ["mcp:tools"],
    });
    let server = Server {
        cancelled: Arc::default(),
        changed: broadcast::channel(16).0,
        subscribers: Arc::default(),
    };
    let service: StreamableHttpService<Server, LocalSessionManager> = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::default(),
        StreamableHttpServerConfig::default(),
    );
    let protected =
        Router::new()
            .nest_service("/mcp", service)
            .layer(from_fn(move |request, next| {
                protect(request, next, base.clone())
            }));
    let metadata = get(move || async move { Json(metadata) });
    let app = protected.route("/.well-known/oauth-protected-resource/mcp", metadata);
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await?;
    Ok(())
}
