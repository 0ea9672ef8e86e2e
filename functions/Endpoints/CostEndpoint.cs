using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/status/cost</c>: what a month costs, and what it would with another interval or other series.</summary>
internal static class CostEndpoint
{
    public static async Task HandleAsync(HttpContext context, ServerState state)
    {
        var form = await ApiForm.ReadAsync(context, state);
        var question = CostQuestion.Parse(form.Text("days"), form.Text("interval"), form.Texts("match[]"));
        var status = await state.Costs(question, context.RequestAborted);
        await ApiAnswer.SendDataAsync(context, status.Write);
    }
}
