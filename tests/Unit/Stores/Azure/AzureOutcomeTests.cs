using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Azure.Core;
using Azure.Identity;
using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

/// <summary>What callers learn of answers, and of none; how often a request is sent.</summary>
public sealed class AzureOutcomeTests
{
    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes("abc");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(404, "BlobNotFound", StoreError.NotFound)]
    [InlineData(404, "ContainerNotFound", StoreError.NotFound)]
    [InlineData(412, "AppendPositionConditionNotMet", StoreError.ConditionNotMet)]
    [InlineData(409, "BlobIsSealed", StoreError.Sealed)]
    [InlineData(412, "LeaseIdMissing", StoreError.LeaseConflict)]
    [InlineData(409, "InvalidBlobType", StoreError.Rejected)]
    [InlineData(413, "RequestBodyTooLarge", StoreError.Rejected)]
    [InlineData(400, "InvalidHeaderValue", StoreError.Rejected)]
    [InlineData(403, "AuthenticationFailed", StoreError.Denied)]
    [InlineData(403, "AuthorizationPermissionMismatch", StoreError.Denied)]
    [InlineData(401, "", StoreError.Denied)]
    [InlineData(503, "ServerBusy", StoreError.Throttled)]
    [InlineData(429, "TooManyRequests", StoreError.Throttled)]
    [InlineData(429, "", StoreError.Unknown)]
    [InlineData(503, "", StoreError.Unknown)]
    [InlineData(500, "OperationTimedOut", StoreError.Unknown)]
    [InlineData(500, "InternalError", StoreError.Unknown)]
    [InlineData(502, "", StoreError.Unknown)]
    [InlineData(408, "", StoreError.Unknown)]
    [InlineData(302, "", StoreError.Unknown)]
    [InlineData(404, "", StoreError.Unknown)]
    [InlineData(412, "", StoreError.Unknown)]
    [InlineData(200, "", StoreError.Unknown)]
    public async Task Append_Refused_SaysWhatMayBeConcluded_AndIsSentOnce(int status, string code, StoreError expected)
    {
        var service = new FakeService(FakeService.Answer(status, code));
        var store = service.Blobs();
        var error = await FailsAsync(() => store.AppendAsync("log/a", 7, Bytes, Token));
        Assert.Equal(expected, error.Error);
        Assert.Contains("'testaccount': append to 'log/a' failed", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{status}", error.Message, StringComparison.Ordinal);
        Assert.Contains(code, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, store.Operations[OperationClass.BlobWrite]);
        Assert.Equal("7", service.Requests[0].Headers.GetValues("x-ms-blob-condition-appendpos").Single());
    }

    public static TheoryData<string, Func<AzureBlobStore, Task>> Writes =>
        new()
        {
            { "append", store => store.AppendAsync("log/a", 0, Bytes, Token) },
            { "create", store => store.CreateAppendAsync("log/a", Token) },
            { "write", store => store.WriteAsync("log/a", Bytes, WriteCondition.None, Token) },
            { "seal", store => store.SealAsync("log/a", Token) },
            { "delete", store => store.DeleteAsync("log/a", null, Token) },
            { "lease", store => store.AcquireLeaseAsync("log/a", TimeSpan.FromSeconds(15), Token) },
            { "renew", store => store.RenewLeaseAsync("log/a", Guid.Empty.ToString(), Token) },
        };

    [Theory]
    [MemberData(nameof(Writes), DisableDiscoveryEnumeration = true)]
    public async Task Write_WithoutAnswer_IsUnknown_AndSentOnce(string name, Func<AzureBlobStore, Task> write)
    {
        Assert.NotEmpty(name);
        var options = FakeService.Hasty with { NetworkTimeout = TimeSpan.FromMilliseconds(20) };
        foreach (
            var answer in new[] { FakeService.Answer(500, "InternalError"), FakeService.Broken, FakeService.Never }
        )
        {
            var service = new FakeService(answer);
            var store = service.Blobs(options: options);
            Assert.Equal(StoreError.Unknown, (await FailsAsync(() => write(store))).Error);
            Assert.Equal((1, 1L), (service.Requests.Count, store.Operations.Total));
        }
    }

    [Fact]
    public async Task Commit_WithoutAnswer_IsUnknown_AndSentOnce()
    {
        TableWrite[] writes = [new(TableAction.Insert, "a"), new(TableAction.Insert, "b")];
        foreach (var count in new[] { 1, 2 })
        {
            var service = new FakeService(FakeService.Broken);
            var error = await FailsAsync(() => service.Tables().CommitAsync("rows", "p", writes[..count], Token));
            Assert.Equal((StoreError.Unknown, 1), (error.Error, service.Requests.Count));
        }
    }

    [Fact]
    public async Task Read_ThatFailsForAWhile_IsRepeatedAndCounted()
    {
        var service = new FakeService(
            FakeService.Answer(503, "ServerBusy", "", ("Retry-After", "0")),
            FakeService.Answer(500, "InternalError"),
            FakeService.Broken,
            FakeService.Answer(206, body: "abc")
        );
        var store = service.Blobs();
        Assert.Equal(3, await store.ReadAsync("log/a", 5, new byte[9], null, Token));
        Assert.Equal(4, store.Operations[OperationClass.BlobRead]);
        Assert.All(service.Requests, r => Assert.Equal("bytes=5-13", r.Headers.GetValues("x-ms-range").Single()));
    }

    [Fact]
    public async Task Read_ThatFailsForEver_Ends()
    {
        var options = FakeService.Hasty with { NetworkTimeout = TimeSpan.FromMilliseconds(20), ReadRetries = 1 };
        var service = new FakeService(FakeService.Never);
        var error = await FailsAsync(() => service.Blobs(options: options).GetInfoAsync("log/a", Token));
        Assert.Equal((StoreError.Unknown, 2), (error.Error, service.Requests.Count));
        Assert.Contains("testaccount.blob.core.windows.net:443", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WhoseBodyBreaks_BeginsAnew()
    {
        var service = new FakeService(
            _ => new HttpResponseMessage(HttpStatusCode.PartialContent)
            {
                Content = new StreamContent(new CutStream()),
            },
            FakeService.Answer(206, body: "abcdef")
        );
        var buffer = new byte[6];
        Assert.Equal(6, await service.Blobs().ReadAsync("log/a", 0, buffer, null, Token));
        Assert.Equal("abcdef", Encoding.UTF8.GetString(buffer));
    }

    [Fact]
    public async Task NotFound_ThatTheServiceDidNotSay_IsNotAnEmptyAnswer()
    {
        var service = new FakeService(FakeService.Answer(404, body: "<html>no such page</html>"));
        Func<Task>[] reads =
        [
            () => service.Blobs().GetInfoAsync("log/a", Token),
            () => service.Blobs().DeleteAsync("log/a", null, Token),
            async () => await service.Blobs().ListAsync("log/", Token).ToListAsync(Token),
            () => service.Tables().GetAsync("rows", "p", "r", Token),
            async () => await service.Tables().QueryAsync("rows", "p", null, null, Token).ToListAsync(Token),
        ];
        foreach (var read in reads)
        {
            Assert.Equal(StoreError.Unknown, (await FailsAsync(read)).Error);
        }
    }

    /// <summary>Well-formed answers of somebody else, and such that somebody on the way has changed.</summary>
    [Theory]
    [InlineData("<html><head/><body><p>Please sign in</p></body></html>")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>Moved</Code></Error>")]
    [InlineData("{\"value\":[]}")]
    [InlineData("")]
    public async Task List_ThatIsNone_IsNotAnEmptyOne(string body)
    {
        var service = new FakeService(FakeService.Answer(200, body: body));
        foreach (var prefix in new[] { "log/", "l" })
        {
            var error = await FailsAsync(async () => await service.Blobs().ListAsync(prefix, Token).ToListAsync(Token));
            Assert.Equal(StoreError.Unknown, error.Error);
        }
    }

    [Theory]
    [InlineData(null, "Sat, 21 Nov 2026 09:00:00 GMT")]
    [InlineData("\"0x1\"", null)]
    [InlineData("\"0x1\"", "yesterday")]
    public async Task Properties_WithoutETagOrTime_AreUnknown(string? etag, string? modified)
    {
        List<(string, string)> headers = [];
        if (etag is not null)
        {
            headers.Add(("ETag", etag));
        }
        if (modified is not null)
        {
            headers.Add(("Last-Modified", modified));
        }
        foreach (
            var (status, ask) in new (int, Func<AzureBlobStore, Task>)[]
            {
                (200, store => store.GetInfoAsync("log/a", Token)),
                (201, store => store.WriteAsync("log/a", Bytes, WriteCondition.None, Token)),
            }
        )
        {
            var service = new FakeService(FakeService.Answer(status, headers: [.. headers]));
            Assert.Equal(StoreError.Unknown, (await FailsAsync(() => ask(service.Blobs()))).Error);
        }
    }

    /// <summary>A range that is cut or another one is read again, and never taken for the blob's end.</summary>
    [Theory]
    [InlineData("abc", "bytes 5-7/100", true)]
    [InlineData("abcdef", "bytes 0-5/100", true)]
    [InlineData("abcdef", "bytes 5-10/100", false)]
    [InlineData("abc", "bytes 5-7/8", false)]
    [InlineData("abc", "bytes 5-7/*", false)]
    [InlineData("abc", "nonsense", false)]
    public async Task Read_OfAnotherRange_IsRepeated(string body, string range, bool isRepeated)
    {
        var service = new FakeService(
            FakeService.Answer(206, "", body, ("Content-Range", range)),
            FakeService.Answer(206, "", "ghijkl", ("Content-Range", "bytes 5-10/100"))
        );
        var buffer = new byte[6];
        var read = await service.Blobs().ReadAsync("log/a", 5, buffer, null, Token);
        Assert.Equal(isRepeated ? "ghijkl" : body, Encoding.UTF8.GetString(buffer, 0, read));
        Assert.Equal(isRepeated ? 2 : 1, service.Requests.Count);
    }

    [Theory]
    [InlineData("31")]
    [InlineData("86400")]
    [InlineData("Sat, 21 Nov 2026 09:00:00 GMT")]
    public async Task Read_ThatIsToWaitForLong_IsLeftToTheCaller(string after)
    {
        var service = new FakeService(FakeService.Answer(503, "ServerBusy", "", ("Retry-After", after)));
        var error = await FailsAsync(() => service.Blobs().GetInfoAsync("log/a", Token));
        Assert.Equal((StoreError.Throttled, 1), (error.Error, service.Requests.Count));
    }

    [Fact]
    public async Task Read_CancelledByTheCaller_IsCancelled()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var service = new FakeService(FakeService.Never);
        var read = service.Blobs().ReadAsync("log/a", 0, new byte[1], null, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task Seal_FollowedByAReadThatIsRefused_IsUnknown()
    {
        var service = new FakeService(FakeService.Answer(200), FakeService.Answer(503, "ServerBusy"));
        var error = await FailsAsync(() => service.Blobs().SealAsync("log/a", Token));
        Assert.Equal(StoreError.Unknown, error.Error);
    }

    [Theory]
    [InlineData(-16, true)]
    [InlineData(16, true)]
    [InlineData(-14, false)]
    [InlineData(0, false)]
    public async Task Denied_WithAnotherClock_NamesBothTimes(int minutes, bool isSkewed)
    {
        var time = new ManualTime();
        var theirs = time.GetUtcNow().AddMinutes(minutes);
        var date = ("Date", theirs.ToString("R", CultureInfo.InvariantCulture));
        var service = new FakeService(FakeService.Answer(403, "AuthenticationFailed", "", date));
        var error = await FailsAsync(() => service.Blobs(time: time).GetInfoAsync("log/a", Token));
        Assert.Equal(StoreError.Denied, error.Error);
        Assert.Equal(isSkewed, error.Message.Contains("2026-01-02 03:04:05Z", StringComparison.Ordinal));
        Assert.Equal(isSkewed, error.Message.Contains($"{theirs:HH:mm:ss}Z", StringComparison.Ordinal));
        Assert.Equal(!isSkewed, error.Message.Contains("AccountKey", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connection_Refused_NamesHostAndPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        listener.Stop();
        var account = AzureAccount.FromConnectionString(
            $"{FakeService.Connection};BlobEndpoint=http://{endpoint}/a;TableEndpoint=http://{endpoint}/a"
        );
        var blobs = new AzureBlobStore(account, TimeProvider.System, null, FakeService.Hasty);
        var tables = new AzureTableStore(account, TimeProvider.System, null, FakeService.Hasty);
        foreach (
            var error in new[]
            {
                await FailsAsync(() => blobs.AppendAsync("log/a", 0, Bytes, Token)),
                await FailsAsync(() => blobs.GetInfoAsync("log/a", Token)),
                await FailsAsync(() => tables.GetAsync("rows", "p", "r", Token)),
            }
        )
        {
            Assert.Equal(StoreError.Unusable, error.Error);
            Assert.Contains(
                $"cannot connect to {endpoint}. Is Azurite running",
                error.Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task Connection_LostAfterTheFirstAnswer_IsAPassingTrouble()
    {
        var service = new FakeService(
            FakeService.Answer(404, "BlobNotFound"),
            _ => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused")
        );
        var store = service.Blobs();
        Assert.Null(await store.GetInfoAsync("log/a", Token));
        Assert.Equal(StoreError.Unknown, (await FailsAsync(() => store.AppendAsync("log/a", 0, Bytes, Token))).Error);
    }

    [Theory]
    [InlineData(SocketError.HostNotFound, StoreError.Denied, "Check the account's name")]
    [InlineData(SocketError.TryAgain, StoreError.Unusable, "cannot look up the address of")]
    public async Task Host_WithoutAddress_IsAnUnknownAccountOrATroubleOfTheNetwork(
        SocketError socket,
        StoreError expected,
        string text
    )
    {
        var cause = new SocketException((int)socket);
        var service = new FakeService(_ =>
            throw new HttpRequestException(HttpRequestError.NameResolutionError, "no", cause)
        );
        var error = await FailsAsync(() => service.Blobs().GetInfoAsync("log/a", Token));
        Assert.Equal(expected, error.Error);
        Assert.Contains("testaccount.blob.core.windows.net", error.Message, StringComparison.Ordinal);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_HoldNeitherKeyNorSignature()
    {
        const string signature = "sv=2024-01-01&sig=c2lnbmF0dXJl";
        AzureAccount[] accounts =
        [
            FakeService.Account(),
            AzureAccount.FromConnectionString($"AccountName=testaccount;SharedAccessSignature={signature}"),
        ];
        const string quoting =
            "<Error><Code>AuthenticationFailed</Code><Message>The MAC signature c2lnbmF0dXJl is wrong</Message></Error>";
        foreach (var account in accounts)
        {
            foreach (
                var answer in new[]
                {
                    FakeService.Answer(403, "", quoting),
                    FakeService.Answer(500),
                    FakeService.Broken,
                    FakeService.Answer(404),
                }
            )
            {
                var service = new FakeService(answer);
                var error = await FailsAsync(() => service.Blobs(account).AppendAsync("log/a", 0, Bytes, Token));
                Assert.DoesNotContain(FakeService.Key, error.ToString(), StringComparison.Ordinal);
                Assert.DoesNotContain("c2lnbmF0dXJl", error.ToString(), StringComparison.Ordinal);
            }
            Assert.DoesNotContain("c2lnbmF0dXJl", account.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SharedAccessSignature_IsSentWithEachRequest()
    {
        const string signature = "sv=2024-01-01&sig=a%2Bb";
        var account = AzureAccount.FromConnectionString($"AccountName=testaccount;SharedAccessSignature={signature}");
        var service = new FakeService(FakeService.Answer(201));
        await service.Blobs(account).AppendAsync("log/a", 0, Bytes, Token);
        await service.Blobs(account).CreateAppendAsync("log/b", Token);
        Assert.EndsWith("?comp=appendblock&" + signature, service.Requests[0].RequestUri!.AbsoluteUri);
        Assert.EndsWith("/log/b?" + signature, service.Requests[1].RequestUri!.AbsoluteUri);
        Assert.Null(service.Requests[0].Headers.Authorization);
    }

    [Fact]
    public async Task Token_IsSentInsteadOfAKey()
    {
        var account = AzureAccount.Parse("https://testaccount.blob.core.windows.net", new FakeCredential(null));
        var service = new FakeService(FakeService.Answer(201));
        await service.Blobs(account).AppendAsync("log/a", 0, Bytes, Token);
        var request = service.Requests.Single();
        Assert.Equal("Bearer token-for-https://storage.azure.com/.default", request.Headers.Authorization!.ToString());
        Assert.Equal(
            "https://testaccount.blob.core.windows.net/log/a?comp=appendblock",
            request.RequestUri!.ToString()
        );
    }

    [Fact]
    public async Task Token_ThatCannotBeHad_SaysWhichRoleIsNeeded_AndNothingIsSent()
    {
        var failure = new CredentialUnavailableException("no identity here");
        var account = AzureAccount.Parse("https://testaccount.blob.core.windows.net", new FakeCredential(failure));
        var service = new FakeService(FakeService.Answer(201));
        var store = service.Blobs(account);
        var error = await FailsAsync(() => store.AppendAsync("log/a", 0, Bytes, Token));
        Assert.Equal((StoreError.Denied, 0, 0L), (error.Error, service.Requests.Count, store.Operations.Total));
        Assert.Contains("Storage Blob Data Contributor", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Answers of the service, and the tokens that it saw; a refused one is replaced once, also for a write.</summary>
    [Theory]
    [InlineData("1 2", 401, "InvalidAuthenticationInfo", 201)]
    [InlineData("1 2", 403, "AuthenticationFailed", 201)]
    [InlineData("1 2", 401, "InvalidAuthenticationInfo", 401)]
    [InlineData("1", 403, "AuthorizationPermissionMismatch", 403)]
    public async Task Token_ThatIsRefused_IsReplacedAndTheRequestSentOnceMore(
        string tokens,
        int status,
        string code,
        int next
    )
    {
        var account = AzureAccount.Parse("https://testaccount.blob.core.windows.net", new NumberedCredential());
        var service = new FakeService(FakeService.Answer(status, code), FakeService.Answer(next, code));
        var store = service.Blobs(account);
        var writing = store.AppendAsync("log/a", 0, Bytes, Token);
        if (next == 201)
        {
            await writing;
        }
        else
        {
            Assert.Equal(StoreError.Denied, (await FailsAsync(() => writing)).Error);
        }
        Assert.Equal(
            tokens,
            string.Join(' ', service.Requests.Select(request => request.Headers.Authorization!.Parameter))
        );
        Assert.Equal(service.Requests.Count, store.Operations.Total);
    }

    internal static async Task<StoreException> FailsAsync(Func<Task> operation) =>
        await Assert.ThrowsAsync<StoreException>(operation);

    /// <summary>Another token at each time.</summary>
    private sealed class NumberedCredential : TokenCredential
    {
        private int number;

        public override AccessToken GetToken(TokenRequestContext context, CancellationToken cancellationToken) =>
            Next();

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext context,
            CancellationToken cancellationToken
        ) => ValueTask.FromResult(Next());

        private AccessToken Next() =>
            new(
                Interlocked.Increment(ref number).ToString(CultureInfo.InvariantCulture),
                DateTimeOffset.UtcNow.AddHours(1)
            );
    }

    private sealed class FakeCredential(Exception? failure) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext context, CancellationToken cancellationToken) =>
            Make(context);

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext context,
            CancellationToken cancellationToken
        ) => ValueTask.FromResult(Make(context));

        private AccessToken Make(TokenRequestContext context) =>
            failure is null
                ? new AccessToken("token-for-" + context.Scopes.Single(), DateTimeOffset.MaxValue)
                : throw failure;
    }

    /// <summary>Three bytes, then a broken connection.</summary>
    private sealed class CutStream : MemoryStream
    {
        private int reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (reads++ > 0)
            {
                throw new HttpIOException(HttpRequestError.ResponseEnded);
            }
            "abc"u8.CopyTo(buffer.Span);
            return ValueTask.FromResult(3);
        }
    }
}
