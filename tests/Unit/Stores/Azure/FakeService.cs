using System.Net;
using System.Text;
using Azure.Core.Pipeline;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

/// <summary>Answers requests by a script, and keeps them.</summary>
internal sealed class FakeService(params Func<HttpRequestMessage, HttpResponseMessage>[] answers) : HttpMessageHandler
{
    public const string Key = "c2VjcmV0LWtleS1vZi10aGUtdGVzdHM=";
    public const string Name = "testaccount";

    public static readonly string Connection = $"AccountName={Name};AccountKey={Key}";

    /// <summary>No waiting between tries.</summary>
    public static readonly AzureRequestOptions Hasty = new() { RetryDelay = TimeSpan.FromTicks(1) };

    public List<HttpRequestMessage> Requests { get; } = [];

    public List<string> Bodies { get; } = [];

    public static Func<HttpRequestMessage, HttpResponseMessage> Never { get; } =
        _ => throw new TimeoutException("stands for an answer that never comes");

    public static Func<HttpRequestMessage, HttpResponseMessage> Broken { get; } =
        _ => throw new HttpRequestException(HttpRequestError.ResponseEnded, "The response ended prematurely.");

    public static Func<HttpRequestMessage, HttpResponseMessage> Answer(
        int status,
        string code = "",
        string body = "",
        params (string Name, string Value)[] headers
    ) =>
        _ =>
        {
            var answer = new HttpResponseMessage((HttpStatusCode)status)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
            };
            if (code.Length > 0)
            {
                answer.Headers.Add("x-ms-error-code", code);
            }
            foreach (var (name, value) in headers)
            {
                if (!answer.Headers.TryAddWithoutValidation(name, value))
                {
                    answer.Content.Headers.TryAddWithoutValidation(name, value);
                }
            }
            return answer;
        };

    public AzureBlobStore Blobs(
        AzureAccount? account = null,
        TimeProvider? time = null,
        AzureRequestOptions? options = null
    ) => new(account ?? Account(), time ?? TimeProvider.System, Transport(), options ?? Hasty);

    public AzureTableStore Tables(AzureRequestOptions? options = null) =>
        new(Account(), TimeProvider.System, Transport(), options ?? Hasty);

    public static AzureAccount Account() => AzureAccount.FromConnectionString(Connection);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var body = request.Content is { } content ? await content.ReadAsStringAsync(cancellationToken) : "";
        int number;
        lock (Requests)
        {
            Requests.Add(request);
            Bodies.Add(body);
            number = Requests.Count - 1;
        }
        // The last answer is given again and again.
        var answer = answers[Math.Min(number, answers.Length - 1)];
        if (answer == Never)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        return answer(request);
    }

    private HttpClientTransport Transport() => new(new HttpClient(this) { Timeout = Timeout.InfiniteTimeSpan });
}
