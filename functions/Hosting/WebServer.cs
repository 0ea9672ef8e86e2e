using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Security;

namespace Tributary.Functions.Hosting;

/// <summary>The HTTP server: Kestrel without the generic host.</summary>
/// <remarks>
/// The host's dependency injection, configuration and logging would be a third of the time to start, and would take
/// addresses from variables such as ASPNETCORE_URLS, which the Functions host's images set and a child inherits.
/// </remarks>
internal sealed class WebServer : IAsyncDisposable
{
    /// <summary>Of endpoints that read none or say otherwise; this bounds what is skipped to keep a connection usable.</summary>
    private const long MaxRequestBodyBytes = 64 * 1024;

    /// <summary>As Prometheus has it: connections that nobody closes must not take all memory.</summary>
    private const int MaxConnections = 512;

    /// <summary>Long enough for the selectors of a large federation job; Kestrel's own 8 KiB are not.</summary>
    private const int MaxRequestLineBytes = 256 * 1024;

    /// <summary>What may wait to be sent: four pieces of an answer, so that rendering and sending overlap.</summary>
    private const long MaxResponseBufferBytes = 1024 * 1024;

    private readonly KestrelServer kestrel;

    private readonly string routePrefix;
    private readonly IAsyncDisposable? tlsServices;

    private WebServer(KestrelServer kestrel, Uri address, string routePrefix, IAsyncDisposable? tlsServices)
    {
        this.kestrel = kestrel;
        this.routePrefix = routePrefix;
        this.tlsServices = tlsServices;
        Address = address;
    }

    /// <summary>The address to put into a browser, with the real port.</summary>
    public Uri Address { get; }

    /// <summary>A server that answers requests already; by TLS when the configuration that is known now has a certificate.</summary>
    /// <exception cref="CommandException">
    /// The address can not be had, or the certificate not be used; the message says what to do.
    /// </exception>
    public static async Task<WebServer> StartAsync(
        ListenAddress listen,
        ServerState state,
        ILoggerFactory logs,
        CancellationToken cancellationToken
    )
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = MaxConnections;
        options.Limits.MaxRequestBodySize = MaxRequestBodyBytes;
        options.Limits.MaxRequestLineSize = MaxRequestLineBytes;
        options.Limits.MaxResponseBufferSize = MaxResponseBufferBytes;
        var logger = logs.CreateLogger(typeof(WebApplication).FullName!);
        var certificate = CertificateOf(state, logger);
        var tlsServices = certificate is null ? null : TlsListener.AddServices(options, logs);
        Listen(options, listen, certificate);
        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logs);
        var kestrel = new KestrelServer(Options.Create(options), sockets, logs);
        try
        {
            await kestrel.StartAsync(new WebApplication(state, IsPrivate(listen, state), logger), cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            kestrel.Dispose();
            if (tlsServices is not null)
            {
                await tlsServices.DisposeAsync();
            }
            throw new CommandException(DescribeFailure(listen, e), ExitCode.Failed, e);
        }
        return new WebServer(kestrel, AddressOf(kestrel), state.RoutePrefix, tlsServices);
    }

    /// <summary>
    /// Asks the server once. The first request compiles some 250 methods (35 ms): this lets it happen beside the reading
    /// of the log.
    /// </summary>
    /// <remarks>With TLS it is left to the first client: its handshake alone takes longer.</remarks>
    public void WarmUp()
    {
        if (tlsServices is not null)
        {
            return;
        }
        // Blocking, on a socket: what awaits would have to be compiled, too.
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.Parse(Address.Host.Trim('[', ']')), Address.Port);
        client.Send(
            Encoding.UTF8.GetBytes($"GET {new PathString(routePrefix).ToUriComponent()}/federate HTTP/1.0\r\n\r\n")
        );
        Span<byte> answer = stackalloc byte[512];
        while (client.Receive(answer) > 0) { }
    }

    /// <summary>Ends after the requests under way, or after two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await kestrel.StopAsync(patience.Token);
        kestrel.Dispose();
        if (tlsServices is not null)
        {
            await tlsServices.DisposeAsync();
        }
    }

    /// <summary>Whether only programs of this machine can ask; the Functions host passes on what others ask.</summary>
    private static bool IsPrivate(ListenAddress listen, ServerState state) =>
        listen.IsLoopback && state.Functions is null;

    private static ServerCertificate? CertificateOf(ServerState state, ILogger logger) =>
        state.Functions is null && state.Web() is { TlsCertificateFile: { } certificate, TlsKeyFile: { } key }
            ? new ServerCertificate(certificate, key, state.Web, logger)
            : null;

    private static void Listen(KestrelServerOptions options, ListenAddress listen, ServerCertificate? certificate)
    {
        Action<ListenOptions> configure = certificate is null
            ? plain => plain.Protocols = HttpProtocols.Http1
            : tls => tls.UseTls(certificate);
        if (listen.Address is null)
        {
            options.ListenAnyIP(listen.Port, configure);
        }
        else
        {
            options.Listen(listen.Address, listen.Port, configure);
        }
    }

    private static Uri AddressOf(KestrelServer kestrel)
    {
        var text = kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        var address = new UriBuilder(text);
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IsAny(ip))
        {
            address.Host = IPAddress.Loopback.ToString();
        }
        return address.Uri;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static string DescribeFailure(ListenAddress listen, Exception failure)
    {
        var code = (failure as SocketException ?? failure.InnerException as SocketException)?.SocketErrorCode;
        var problem =
            failure.InnerException is AddressInUseException || code == SocketError.AddressAlreadyInUse
                ? "another program uses this port (a second Tributary?). Stop it, or choose another port"
            : code == SocketError.AccessDenied ? "this port needs more rights than this user has. Choose one above 1023"
            : code == SocketError.AddressNotAvailable
                ? "this machine does not have that address. Choose one that it has, or :PORT for all"
            : $"{failure.Message}. Choose another address";
        return $"cannot listen on {listen}: {problem}: {CommandOptions.ListenName} HOST:PORT (or "
            + $"{Settings.ListenVariable}); port 0 takes a free one.";
    }
}
