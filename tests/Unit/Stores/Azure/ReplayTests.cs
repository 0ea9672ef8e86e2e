using System.Net;
using System.Net.Sockets;
using System.Text;
using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

/// <summary>
/// A kept-alive connection that closes without an answer: .NET's HTTP handler repeats such requests by itself when they
/// have no body, behind the back of all policies. For a write that would be a second try that nobody knows of.
/// </summary>
public sealed class ReplayTests
{
    public static TheoryData<string, Func<AzureBlobStore, Task>> Writes => AzureOutcomeTests.Writes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Writes), DisableDiscoveryEnumeration = true)]
    public async Task Write_OnAConnectionThatCloses_IsNotRepeated(string name, Func<AzureBlobStore, Task> write)
    {
        Assert.NotEmpty(name);
        await using var server = new ClosingServer();
        var account = AzureAccount.FromConnectionString(
            $"{FakeService.Connection};BlobEndpoint={server.Endpoint};TableEndpoint={server.Endpoint}"
        );
        var store = new AzureBlobStore(account, TimeProvider.System, null, FakeService.Hasty);
        Assert.Null(await store.GetInfoAsync("log/warm", Token));
        var error = await AzureOutcomeTests.FailsAsync(() => write(store));
        Assert.Equal(StoreError.Unknown, error.Error);
        Assert.Equal(2, store.Operations.Total);
        Assert.Equal(2, server.Requests);
    }

    /// <summary>Answers the first request of each connection with 404; closes at the second.</summary>
    private sealed class ClosingServer : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly Task serving;
        private int requests;

        public ClosingServer()
        {
            listener.Start();
            Endpoint = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/a";
            serving = ServeAsync();
        }

        public string Endpoint { get; }

        public int Requests => Volatile.Read(ref requests);

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            await serving;
            listener.Dispose();
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync(Token);
                    var stream = client.GetStream();
                    await ReadHeadAsync(stream);
                    var answer =
                        "HTTP/1.1 404 Not Found\r\nx-ms-error-code: BlobNotFound\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
                    await stream.WriteAsync(answer, Token);
                    await ReadHeadAsync(stream);
                }
            }
            catch (Exception exception) when (exception is SocketException or InvalidOperationException)
            {
                // The listener was stopped: the test is over.
            }
        }

        private async Task ReadHeadAsync(NetworkStream stream)
        {
            var head = new StringBuilder();
            var buffer = new byte[4096];
            while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                var count = await stream.ReadAsync(buffer, Token);
                if (count == 0)
                {
                    return;
                }
                head.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
            Interlocked.Increment(ref requests);
        }
    }
}
