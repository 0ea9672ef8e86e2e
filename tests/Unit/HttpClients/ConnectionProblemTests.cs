using System.Net.Sockets;
using Tributary.HttpClients;

namespace Tributary.Tests.Unit.HttpClients;

public sealed class ConnectionProblemTests
{
    [Fact]
    public void Describe_ConnectionThatBroke_SaysHowAndAsksForTheScheme() =>
        Assert.Matches(
            "^the connection to h:1 broke before an answer: .+ \\(is the scheme right\\?\\)$",
            ConnectionProblem.Describe(
                new HttpRequestException(
                    HttpRequestError.Unknown,
                    "An error occurred",
                    new IOException("reading failed", new SocketException((int)SocketError.ConnectionReset))
                ),
                new Uri("http://h:1/?token=hunter2")
            )
        );

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, "(is the Alertmanager running, and the port right?)")]
    [InlineData(HttpRequestError.NameResolutionError, "check the address of the Alertmanager")]
    public void Describe_NamesWhoWasAsked(HttpRequestError error, string advice) =>
        Assert.EndsWith(
            advice,
            ConnectionProblem.Describe(new HttpRequestException(error), new Uri("http://h:1/"), "Alertmanager"),
            StringComparison.Ordinal
        );

    [Fact]
    public void Describe_AnythingElse_IsTheMessage() =>
        Assert.Equal(
            "the request to h:1 failed: no route",
            ConnectionProblem.Describe(new HttpRequestException("no route"), new Uri("http://h:1/?token=hunter2"))
        );
}
