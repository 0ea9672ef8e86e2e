using System.Net;
using System.Net.Sockets;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>Ports for programs that must be told theirs.</summary>
internal static class FreePort
{
    private const int Attempts = 5;

    /// <summary>Starts a program on a port that was free a moment ago, again with another one when it is not any more.</summary>
    public static async Task<(ChildProcess Process, int Port)> StartAsync(
        Func<int, ChildProcess> start,
        Func<int, string> readyUrl
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = Find();
            var process = start(port);
            if (await IsReadyAsync(process, readyUrl(port)))
            {
                return (process, port);
            }
            var text = $"{process.Output}\n{process.Errors}";
            await process.DisposeAsync();
            Assert.True(attempt < Attempts, $"it did not start:\n{text}");
        }
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<bool> IsReadyAsync(ChildProcess process, string url)
    {
        using var http = new HttpClient();
        var state = await Patience.ForAsync(
            url,
            async () =>
            {
                if (process.HasExited)
                {
                    return "ended";
                }
                try
                {
                    using var answer = await http.GetAsync(url, TestContext.Current.CancellationToken);
                    return answer.IsSuccessStatusCode ? "ready" : null;
                }
                catch (HttpRequestException)
                {
                    // It does not listen yet.
                    return null;
                }
            },
            () => $"{process.Output}\n{process.Errors}"
        );
        return string.Equals(state, "ready", StringComparison.Ordinal);
    }
}
