using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Tributary.Identities;

namespace Tributary.Stores.Azure;

/// <summary>Sends requests to one service of an account, through Azure.Core's pipeline: dated, signed, counted, bounded in time.</summary>
internal sealed class StorageClient
{
    /// <summary>The newest version of the interface that Azurite 3.35 accepts.</summary>
    private const string Version = "2025-11-05";

    /// <summary>The tables' own version, unchanged since.</summary>
    private const string TableVersion = "2019-02-02";

    private readonly AzureAccount account;
    private readonly Uri endpoint;
    private readonly string version;

    /// <summary>Made by the first request: that takes 30 ms, in which a starting server can do something else.</summary>
    private readonly Lazy<HttpPipeline> pipeline;

    private readonly AzureRequestOptions options;

    private StorageClient(
        AzureAccount account,
        Uri endpoint,
        bool isTable,
        TimeProvider time,
        HttpPipelineTransport? transport,
        AzureRequestOptions? options
    )
    {
        this.account = account;
        this.endpoint = endpoint;
        this.options = options ?? AzureRequestOptions.Default;
        version = isTable ? TableVersion : Version;
        Failures = new Failures(account, endpoint, isTable ? "table" : "blob", time);
        pipeline = new Lazy<HttpPipeline>(() =>
            Pipeline(
                isTable ? SharedKey.TableStringToSign : SharedKey.BlobStringToSign,
                time,
                transport ?? Transport(endpoint)
            )
        );
    }

    public StoreOperations Operations { get; } = new();

    public Failures Failures { get; }

    /// <summary>The endpoint without a slash at its end.</summary>
    public string Root => endpoint.AbsoluteUri.TrimEnd('/');

    public static StorageClient Blobs(
        AzureAccount account,
        TimeProvider time,
        HttpPipelineTransport? transport,
        AzureRequestOptions? options
    ) => new(account, account.BlobEndpoint, isTable: false, time, transport, options);

    public static StorageClient Tables(
        AzureAccount account,
        TimeProvider time,
        HttpPipelineTransport? transport,
        AzureRequestOptions? options
    ) => new(account, account.TableEndpoint, isTable: true, time, transport, options);

    /// <summary>A request that only asks: the pipeline repeats it.</summary>
    public HttpMessage Read(OperationClass operation, RequestMethod method, string pathAndQuery) =>
        Message(new StorageCall(operation, Repeatable: true), method, pathAndQuery);

    /// <summary>A request that changes something: sent once, unless doing it twice is the same.</summary>
    public HttpMessage Write(
        OperationClass operation,
        RequestMethod method,
        string pathAndQuery,
        ReadOnlyMemory<byte> body = default,
        bool isRepeatable = false
    )
    {
        var message = Message(new StorageCall(operation, isRepeatable), method, pathAndQuery);
        // A body, even an empty one, also keeps the HTTP handler below from sending the request a second time by itself
        // when a kept-alive connection turns out to be closed.
        message.Request.Content = RequestContent.Create(body);
        message.NetworkTimeout = options.NetworkTimeout + TimeSpan.FromSeconds(body.Length / (1024 * 1024));
        return message;
    }

    /// <summary>The part of a query that bounds a page; empty for the service's own bound.</summary>
    public string PageSize(string name) =>
        options.PageSize is { } size ? name + size.ToString(CultureInfo.InvariantCulture) : "";

    /// <summary>Sends; answers of the service come back whatever their status.</summary>
    /// <exception cref="StoreException">No answer.</exception>
    public async Task<Response> SendAsync(HttpMessage message, string operation, CancellationToken cancellationToken)
    {
        try
        {
            await pipeline.Value.SendAsync(message, cancellationToken);
        }
        catch (Exception e) when (IsTransport(e) && !cancellationToken.IsCancellationRequested)
        {
            throw Failures.Broken(operation, StorageCall.Of(message) is not { Repeatable: true }, e);
        }
        Failures.Answered();
        return message.Response;
    }

    /// <summary>Troubles of the way to the service, as against bugs.</summary>
    public static bool IsTransport(Exception e) =>
        e
            is RequestFailedException
                or OperationCanceledException
                or IOException
                or TimeoutException
                or AggregateException
                or IdentityException;

    private HttpMessage Message(StorageCall call, RequestMethod method, string pathAndQuery)
    {
        var message = pipeline.Value.CreateMessage();
        message.SetProperty(typeof(StorageCall), call);
        message.NetworkTimeout = options.NetworkTimeout;
        var text = Root + pathAndQuery;
        if (account.SharedAccessSignature is { } signature)
        {
            text += (pathAndQuery.Contains('?', StringComparison.Ordinal) ? '&' : '?') + signature;
        }
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(text));
        message.Request.Headers.SetValue("x-ms-version", version);
        return message;
    }

    private HttpPipeline Pipeline(
        Func<string, Request, string> stringToSign,
        TimeProvider time,
        HttpPipelineTransport transport
    )
    {
        var client = new StorageOptions
        {
            Transport = transport,
            RetryPolicy = new RepeatableRetryPolicy(options),
            Diagnostics =
            {
                IsLoggingEnabled = false,
                IsDistributedTracingEnabled = false,
                IsTelemetryEnabled = false,
            },
        };
        var pipelineOptions = new HttpPipelineOptions(client);
        if (account.Credential is { } credential)
        {
            pipelineOptions.PerRetryPolicies.Add(new TokenPolicy(TokenPool.Of(credential, TokenPolicy.Scope, time)));
        }
        else if (account.Identity is { } identity)
        {
            pipelineOptions.PerRetryPolicies.Add(new TokenPolicy(TokenPool.For(time).Of(identity, TokenPolicy.Scope)));
        }
        pipelineOptions.PerRetryPolicies.Add(new SigningPolicy(account, stringToSign, time));
        pipelineOptions.PerRetryPolicies.Add(new CountingPolicy(Operations));
        return HttpPipelineBuilder.Build(pipelineOptions);
    }

    private static HttpClientTransport Transport(Uri endpoint)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy of the environment is meant for the world outside, not for Azurite on this machine.
            UseProxy = !endpoint.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        return new HttpClientTransport(new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan });
    }

    private sealed class StorageOptions : ClientOptions;
}
