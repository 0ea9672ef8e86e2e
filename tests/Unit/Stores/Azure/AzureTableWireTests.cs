using System.Text;
using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

/// <summary>Tables on the wire: pages, transactions and their answers.</summary>
public sealed class AzureTableWireTests
{
    private static readonly TableWrite[] Three =
    [
        new(TableAction.Insert, "first", new Dictionary<string, object> { ["n"] = 1L }),
        new(TableAction.Replace, "it's", new Dictionary<string, object> { ["b"] = true }, "W/\"1\""),
        new(TableAction.Delete, "third"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Query_FollowsContinuationTokens()
    {
        var service = new FakeService(
            FakeService.Answer(
                200,
                "",
                Page("a"),
                ("x-ms-continuation-NextPartitionKey", "1!8!cA--"),
                ("x-ms-continuation-NextRowKey", "1!4!Yg+/=")
            ),
            // A page may be empty and still not be the last.
            FakeService.Answer(200, "", """{"value":[]}""", ("x-ms-continuation-NextPartitionKey", "next")),
            FakeService.Answer(200, "", Page("b", "c"))
        );
        var store = service.Tables();
        var rows = await store.QueryAsync("rows", "p", "a", "d'", Token).Select(row => row.Row).ToListAsync(Token);
        Assert.Equal(["a", "b", "c"], rows);
        Assert.Equal(3, store.Operations[OperationClass.TableRead]);
        var queries = service.Requests.Select(request => request.RequestUri!.Query).ToList();
        Assert.Equal(
            "?$filter=PartitionKey eq 'p' and RowKey ge 'a' and RowKey lt 'd'''",
            Uri.UnescapeDataString(queries[0])
        );
        Assert.Equal(queries[0] + "&NextPartitionKey=1%218%21cA--&NextRowKey=1%214%21Yg%2B%2F%3D", queries[1]);
        Assert.Equal(queries[0] + "&NextPartitionKey=next", queries[2]);
    }

    [Fact]
    public async Task Commit_OfSeveralRows_IsOneChangeset()
    {
        var service = new FakeService(FakeService.Answer(202, "", Parts("204 No Content", "204 No Content", "204 OK")));
        var store = service.Tables();
        await store.CommitAsync("rows", "p", Three, Token);
        Assert.Equal(1, store.Operations[OperationClass.TableWrite]);
        var body = service.Bodies.Single();
        const string root = "https://testaccount.table.core.windows.net";
        Assert.Contains($"POST {root}/rows HTTP/1.1\r\n", body, StringComparison.Ordinal);
        Assert.Contains(
            $"PUT {root}/rows(PartitionKey='p',RowKey='it%27%27s') HTTP/1.1\r\n",
            body,
            StringComparison.Ordinal
        );
        Assert.Contains("If-Match: W/\"1\"\r\n", body, StringComparison.Ordinal);
        Assert.Contains(
            $"DELETE {root}/rows(PartitionKey='p',RowKey='third') HTTP/1.1\r\n",
            body,
            StringComparison.Ordinal
        );
        Assert.Contains("If-Match: *\r\n", body, StringComparison.Ordinal);
        Assert.Contains(
            "\r\n\r\n{\"PartitionKey\":\"p\",\"RowKey\":\"first\",\"n@odata.type\":\"Edm.Int64\",\"n\":\"1\"}\r\n",
            body,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(
        "409 Conflict",
        "EntityAlreadyExists",
        "0:The entity exists.",
        StoreError.ConditionNotMet,
        "row 'first' exists already"
    )]
    [InlineData(
        "412 Precondition Failed",
        "UpdateConditionNotSatisfied",
        "1:No.",
        StoreError.ConditionNotMet,
        "row 'it's' has another ETag"
    )]
    [InlineData("404 Not Found", "ResourceNotFound", "2:No.", StoreError.ConditionNotMet, "row 'third' is not there")]
    [InlineData("409 Conflict", "EntityAlreadyExists", "99:No.", StoreError.ConditionNotMet, "'first' to 'third'")]
    [InlineData("409 Conflict", "EntityAlreadyExists", "-1:No.", StoreError.ConditionNotMet, "'first' to 'third'")]
    [InlineData("409 Conflict", "EntityAlreadyExists", "No.", StoreError.ConditionNotMet, "'first' to 'third'")]
    [InlineData("503 Service Unavailable", "ServerBusy", "Busy.", StoreError.Throttled, "ServerBusy")]
    [InlineData("500 Internal Server Error", "InternalError", "0:Oh.", StoreError.Unknown, "not known")]
    [InlineData(
        "400 Bad Request",
        "PropertyValueTooLarge",
        "0:Too large.",
        StoreError.Rejected,
        "PropertyValueTooLarge"
    )]
    public async Task Commit_WhosePartFails_SaysWhichRowAndWhy(
        string status,
        string code,
        string message,
        StoreError expected,
        string text
    )
    {
        var json =
            $$$$"""{"odata.error":{"code":"{{{{code}}}}","message":{"lang":"en-US","value":"{{{{message}}}}\nRequestId:1"}}}""";
        var service = new FakeService(
            FakeService.Answer(202, "", Parts($"{status}\r\nContent-Type: application/json\r\n\r\n{json}"))
        );
        var error = await AzureOutcomeTests.FailsAsync(() => service.Tables().CommitAsync("rows", "p", Three, Token));
        Assert.Equal(expected, error.Error);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("RequestId", error.Message, StringComparison.Ordinal);
        Assert.Single(service.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No")]
    [InlineData("HTTP/1.1 2")]
    [InlineData("<html>Welcome to the network of this hotel</html>")]
    public async Task Commit_WhoseAnswerIsCut_IsUnknown(string answer)
    {
        var service = new FakeService(FakeService.Answer(202, "", answer));
        var error = await AzureOutcomeTests.FailsAsync(() => service.Tables().CommitAsync("rows", "p", Three, Token));
        Assert.Equal(StoreError.Unknown, error.Error);
    }

    [Theory]
    [InlineData(
        """{"value":[{"RowKey":"a","odata.etag":"1","Timestamp":"2026-01-01T00:00:00Z","n@odata.type":"Edm.Int64","n":"x"}]}"""
    )]
    [InlineData("""{"value":[{"RowKey":"a","Timestamp":"2026-01-01T00:00:00Z"}]}""")]
    [InlineData("""{"value":[{"RowKey":"a","odata.etag":"1","Timestamp":"yesterday"}]}""")]
    [InlineData("""{"value":[{"RowKey":"a" """)]
    [InlineData("{}")]
    [InlineData("""{"value":null}""")]
    [InlineData("""{"value":{}}""")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task Query_WhoseAnswerCannotBeRead_IsUnknown(string answer)
    {
        var service = new FakeService(FakeService.Answer(200, "", answer));
        var error = await AzureOutcomeTests.FailsAsync(async () =>
            await service.Tables().QueryAsync("rows", "p", null, null, Token).ToListAsync(Token)
        );
        Assert.Equal(StoreError.Unknown, error.Error);
    }

    /// <summary>Errors have the form of what is asked for, or another: of a request that was refused before it was read.</summary>
    [Theory]
    [InlineData("""{"odata.error":{"code":"ServerBusy","message":{"lang":"en-US","value":"Come back."}}}""", true)]
    [InlineData("""{"odata.error":{"code":"ServerBusy","message":"Come back."}}""", true)]
    [InlineData("""{"odata.error":{"code":"ServerBusy","message":null}}""", false)]
    [InlineData(
        """<?xml version="1.0"?><error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><code>ServerBusy</code><message xml:lang="en-US">Come back.</message></error>""",
        true
    )]
    [InlineData(
        """<m:error xmlns:m="urn:m"><m:code>ServerBusy</m:code><m:message>Come back.</m:message></m:error>""",
        true
    )]
    [InlineData("<Error><Code>ServerBusy</Code><Message>Come back.\nRequestId:1</Message></Error>", true)]
    public async Task Error_OfAnyForm_IsRead(string body, bool hasText)
    {
        var service = new FakeService(FakeService.Answer(503, "", body));
        var error = await AzureOutcomeTests.FailsAsync(() =>
            service.Tables().CommitAsync("rows", "p", Three[..1], Token)
        );
        Assert.Equal(StoreError.Throttled, error.Error);
        Assert.Equal(hasText, error.Message.Contains("Come back. The", StringComparison.Ordinal));
    }

    [Fact]
    public void Row_OfOtherTypesAndOrders_IsRead()
    {
        const string json =
            """{"odata.metadata":"m","odata.etag":"W/\"1\"","whole":2,"l":"9","l@odata.type":"Edm.Int64","i@odata.type":"Edm.Int32","i":3,"none":null,"PartitionKey":"p","RowKey":"r","Timestamp":"2026-01-02T03:04:05.6Z"}""";
        var row = TableJson.ReadRow(Encoding.UTF8.GetBytes(json));
        Assert.Equal(("r", "W/\"1\""), (row.Row, row.ETag));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 600, TimeSpan.Zero), row.Timestamp);
        Assert.Equal(
            [("i", 3L), ("l", (object)9L), ("whole", 2d)],
            row.Properties.OrderBy(p => p.Key).Select(p => (p.Key, p.Value))
        );
    }

    private static string Page(params string[] rows) =>
        "{\"odata.metadata\":\"m\",\"value\":["
        + string.Join(
            ',',
            rows.Select(row =>
                $$"""{"odata.etag":"W/\"1\"","PartitionKey":"p","RowKey":"{{row}}","Timestamp":"2026-01-01T00:00:00Z"}"""
            )
        )
        + "]}";

    private static string Parts(params string[] parts) =>
        "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n"
        + string.Concat(
            parts.Select(part =>
                "--changesetresponse_1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 " + part + "\r\n\r\n"
            )
        )
        + "--changesetresponse_1--\r\n--batchresponse_1--\r\n";
}
