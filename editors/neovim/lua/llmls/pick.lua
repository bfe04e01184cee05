--- Choosing from a list, by vim.ui.select.
local client = require('llmls.client')
local notify = require('llmls.notify')

local M = {}

---@type string[] the models that were listed last, for completion
M.models = {}

---@type string[] the endpoints that were listed last, for completion
M.endpoints = {}

---@param name string
function M.set_model(name)
  client.set({ model = name })
  notify.say(('the next answer comes from %s'):format(name), vim.log.levels.INFO)
end

--- The models that the endpoint offers; the one that is chosen answers next.
function M.model()
  client.with(vim.api.nvim_get_current_buf(), function(ready)
    client.execute(ready, 'llmls.models', nil, function(err, result)
      if err then
        return notify.say(err.message)
      end
      M.models = result.models
      if #M.models == 0 then
        return notify.say('the endpoint lists no models. Name one: :Llmls model NAME', vim.log.levels.WARN)
      end
      vim.ui.select(M.models, {
        prompt = 'Model',
        kind = 'llmls.model',
        format_item = function(name)
          return name == result.model and name .. ' (now)' or name
        end,
      }, function(name)
        if name then
          M.set_model(name)
        end
      end)
    end)
  end, notify.say)
end

--- Sets the endpoint. A model that was chosen before belongs to the former endpoint,
--- so it is dropped.
---@param name string
function M.set_endpoint(name)
  client.set({ endpoint = name, model = vim.NIL })
  notify.say(('the next answer comes from the endpoint %s'):format(name), vim.log.levels.INFO)
end

--- The endpoints of config.toml; the one that is chosen answers next.
function M.endpoint()
  client.with(vim.api.nvim_get_current_buf(), function(ready)
    client.execute(ready, 'llmls.status', nil, function(err, result)
      if err then
        return notify.say(err.message)
      end
      M.endpoints = vim.tbl_map(function(endpoint)
        return endpoint.name
      end, result.endpoints)
      if #M.endpoints < 2 then
        return notify.say('config.toml names no other endpoint. See :help llmls-endpoints', vim.log.levels.WARN)
      end
      vim.ui.select(result.endpoints, {
        prompt = 'Endpoint',
        kind = 'llmls.endpoint',
        format_item = function(endpoint)
          local text = ('%s: %s at %s'):format(endpoint.name, endpoint.model, endpoint.host)
          return endpoint.name == result.endpoint and text .. ' (now)' or text
        end,
      }, function(endpoint)
        if endpoint then
          M.set_endpoint(endpoint.name)
        end
      end)
    end)
  end, notify.say)
end

return M
