// Alert rules over what the app and its host log. The texts are those of the code; a test compares them.

@description('What the names end with.')
param name string

@description('The region.')
param location string

@description('Tags.')
param tags object

@description('The workspace of the logs.')
param workspaceId string

@description('Who gets the alerts; empty for nobody.')
param email string

resource mail 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'tributary'
    enabled: true
    emailReceivers: [
      {
        name: 'email'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

var actionGroups = empty(email) ? [] : [mail.id]

resource nothingCollected 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'nothing-collected-${name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Tributary: nothing collected'
    description: 'No invocation of Collect has succeeded for ten minutes: see its invocations, and the status page.'
    severity: 1
    enabled: true
    autoMitigate: true
    // The tables appear with the first log line, after this deployment.
    skipQueryValidation: true
    scopes: [
      workspaceId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT10M'
    criteria: {
      allOf: [
        {
          query: '''
AppRequests
| where Name == 'Collect' and Success == true
| summarize Succeeded = count()
'''
          metricMeasureColumn: 'Succeeded'
          timeAggregation: 'Total'
          operator: 'LessThan'
          threshold: 1
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: actionGroups
    }
  }
}

resource storageErrors 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'storage-errors-${name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Tributary: storage errors'
    description: 'Jobs could not read or write the storage account, more than twice in 15 minutes: the log lines say why.'
    severity: 2
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    scopes: [
      workspaceId
    ]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: '''
AppTraces
| where Message contains ' failed, and is tried again at its next time: '
| summarize Errors = count()
'''
          metricMeasureColumn: 'Errors'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 2
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: actionGroups
    }
  }
}
