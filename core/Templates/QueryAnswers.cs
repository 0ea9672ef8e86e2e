namespace Tributary.Templates;

/// <summary>The answers to the queries of one expansion, which are all about one time.</summary>
internal sealed class QueryAnswers
{
    private const int MaxQueries = 100;

    private readonly Dictionary<string, (IReadOnlyList<TemplateSample> Samples, string? Problem)> answers = new(
        StringComparer.Ordinal
    );

    /// <summary>A list of its own with what a query gave.</summary>
    /// <exception cref="QueryNeededException">It was not asked yet.</exception>
    /// <exception cref="TemplateFunctionException">It has no answer.</exception>
    public List<TemplateSample> Of(string query)
    {
        if (!answers.TryGetValue(query, out var answer))
        {
            throw answers.Count < MaxQueries
                ? new QueryNeededException(query)
                : new TemplateFunctionException($"more than {MaxQueries} different queries in one template");
        }
        return answer.Problem is null ? [.. answer.Samples] : throw new TemplateFunctionException(answer.Problem);
    }

    /// <summary>Asks a query; what it fails with becomes the answer.</summary>
    public async ValueTask AskAsync(string query, TemplateContext context, CancellationToken cancellationToken)
    {
        try
        {
            answers[query] = context.Query is { } ask
                ? (await ask(query, cancellationToken), null)
                : ([], "queries are not answered here");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            answers[query] = ([], exception.Message);
        }
    }
}
