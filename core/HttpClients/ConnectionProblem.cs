using System.Net.Sockets;

namespace Tributary.HttpClients;

/// <summary>What a failed request is told as: who did not answer, why, and which setting may help; never a secret.</summary>
public static class ConnectionProblem
{
    private const string Source = "source";

    /// <summary>Describes why no answer came.</summary>
    /// <param name="problem">What a client of <see cref="HttpClientFactory"/> threw.</param>
    /// <param name="url">What was asked for; only its host and port are shown.</param>
    /// <param name="asked">Who was asked, as people call it.</param>
    public static string Describe(HttpRequestException problem, Uri url, string asked = Source)
    {
        if (Told(problem) is { } told)
        {
            return told.Message;
        }
        var reason = problem.InnerException?.Message ?? problem.Message;
        return problem.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError =>
                $"the host name {url.Host} is not known: check the address of the {asked}",
            HttpRequestError.ConnectionError =>
                $"no connection to {url.Authority}: {reason} (is the {asked} running, and the port right?)",
            HttpRequestError.SecureConnectionError =>
                $"no TLS connection to {url.Authority}: {reason} (is the scheme right?)",
            HttpRequestError.ResponseEnded => Closed(url),
            _ when problem.GetBaseException() is IOException or SocketException =>
                $"the connection to {url.Authority} broke before an answer: {problem.GetBaseException().Message} (is the scheme right?)",
            _ => $"the request to {url.Authority} failed: {problem.Message}",
        };
    }

    private static string Closed(Uri url) =>
        $"{url.Authority} closed the connection without an answer (is the scheme right?)";

    /// <summary>The exception within whose message is already written for a user; null without one.</summary>
    internal static HttpClientException? Told(Exception? problem)
    {
        while (problem is not null and not HttpClientException)
        {
            problem = problem.InnerException;
        }
        return (HttpClientException?)problem;
    }
}
