using System.Net;
using System.Net.Sockets;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>An address that stays, before servers that come and go: connections are passed on, or closed when there is none.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private volatile Uri? target;

    public Relay()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where it listens, <c>host:port</c>.</summary>
    public string Authority => listener.LocalEndpoint.ToString()!;

    /// <summary>Where connections go; null closes them.</summary>
    public Uri? Target
    {
        get => target;
        set => target = value;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting;
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                open.RemoveAll(connection => connection.IsCompleted);
                open.Add(PassOnAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task PassOnAsync(TcpClient client)
    {
        using var _ = client;
        if (Target is not { } to)
        {
            return;
        }
        try
        {
            using var server = new TcpClient();
            await server.ConnectAsync(to.Host, to.Port, stop.Token);
            var (near, far) = (client.GetStream(), server.GetStream());
            // When one side ends, so does the other: what is under way is cut, as by a kill.
            await Task.WhenAny(near.CopyToAsync(far, stop.Token), far.CopyToAsync(near, stop.Token));
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            // The server has gone, which its client will notice.
        }
    }
}
