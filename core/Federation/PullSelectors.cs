using System.Text;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Federation;

/// <summary>What a federate target asks for, and where its API is.</summary>
/// <param name="Base">The address of the API's folder, without <c>/federate</c> and without a slash at its end.</param>
/// <param name="Selectors">The selectors of <c>match[]</c>.</param>
/// <param name="Query">The URL's other parameters, escaped.</param>
internal sealed record PullSelectors(Uri Base, IReadOnlyList<VectorSelector> Selectors, string Query)
{
    private const string FederatePath = "/federate";
    private const string Match = "match[]";

    private static readonly LabelMatcher HasName = new(LabelSet.MetricNameLabel, MatchOperator.NotEqual, "");

    /// <summary>Reads a target's URL.</summary>
    /// <exception cref="SourceApiException">It has no selectors, or one that cannot be read.</exception>
    public static PullSelectors Of(Target target)
    {
        var url = new UriBuilder(target.Url);
        var selectors = new List<VectorSelector>();
        var others = new StringBuilder();
        foreach (var part in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = Unescape(equals < 0 ? part : part[..equals]);
            if (string.Equals(name, Match, StringComparison.Ordinal))
            {
                selectors.Add(Parse(Unescape(equals < 0 ? "" : part[(equals + 1)..])));
            }
            else
            {
                others.Append(others.Length == 0 ? "" : "&").Append(part);
            }
        }
        if (selectors.Count == 0)
        {
            throw new SourceApiException(
                SourceApiProblem.Refused,
                "the job has no match[] among its params, so there is nothing to pull"
            );
        }
        var path = url.Path;
        path = path.EndsWith(FederatePath, StringComparison.Ordinal) ? path[..^FederatePath.Length] : path.TrimEnd('/');
        (url.Path, url.Query, url.Fragment) = (path, "", "");
        return new PullSelectors(url.Uri, selectors, others.ToString());
    }

    /// <summary>The address of an endpoint.</summary>
    /// <param name="path">Its path behind the base, beginning with a slash.</param>
    /// <param name="query">Further parameters, escaped.</param>
    public Uri At(string path, string query = "")
    {
        var url = new UriBuilder(Base);
        url.Path = url.Path.TrimEnd('/') + path;
        url.Query = Query.Length > 0 && query.Length > 0 ? $"{Query}&{query}" : Query + query;
        return url.Uri;
    }

    private static VectorSelector Parse(string text)
    {
        try
        {
            var selector = SelectorParser.ParseAny(text);
            // What has no name is not federated; and a query wants a matcher that is not satisfied by nothing.
            return selector.Matchers.All(matcher => matcher.MatchesEmpty)
                ? new VectorSelector([HasName, .. selector.Matchers])
                : selector;
        }
        catch (ParseException problem)
        {
            throw new SourceApiException(SourceApiProblem.Refused, $"a match[] cannot be read: {problem.Message}");
        }
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
